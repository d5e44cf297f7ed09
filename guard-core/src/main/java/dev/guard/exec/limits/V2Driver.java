package dev.guard.exec.limits;

import dev.guard.os.Cgroupfs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A v2 tree with controllers, see the kernel's admin-guide/cgroup-v2.rst.
 *
 * <p>A cgroup that has processes of its own can not enable controllers for those below ("no
 * internal processes", but for the real root). Where Guard is the only process of its cgroup it
 * moves to a leaf below, guard/self, and the way is free.
 */
final class V2Driver implements CgroupDriver {
  private static final String CONTROLLERS = "cgroup.subtree_control";

  private final Cgroupfs fs;
  private final Path self;
  private final int pid;
  private final Support pids;

  V2Driver(Cgroupfs fs, Hierarchy hierarchy, int pid) {
    this.fs = fs;
    this.pid = pid;
    // A Guard that had moved to its leaf before has its commands beside the leaf, not below it.
    Path cgroup = hierarchy.self();
    Path leaf = Path.of("guard/self");
    this.self = cgroup.endsWith(leaf) ? cgroup.getParent().getParent() : cgroup;
    this.pids = enable("pids");
  }

  @Override
  public String name() {
    return "v2";
  }

  @Override
  public Support pids() {
    return pids;
  }

  private Support enable(String controller) {
    try {
      if (!fs.writable(self, "cgroup.procs")) {
        return Support.no(
            self + " is not writable for this user; have it delegated, see docs/cgroups.md");
      }
      if (!has(self, "cgroup.controllers", controller)) {
        return Support.no(
            "the "
                + controller
                + " controller is not delegated to "
                + self
                + ", see docs/cgroups.md");
      }
      if (threaded()) {
        return Support.no(self + " is part of a threaded subtree, which takes no processes");
      }
      if (!has(self, CONTROLLERS, controller) && !enableHere(controller)) {
        return Support.no(
            self
                + " has other processes than guard, so it can not enable "
                + controller
                + ", see docs/cgroups.md");
      }
      return Support.YES;
    } catch (IOException e) {
      return Support.no(e.getMessage());
    }
  }

  /**
   * Enables a controller for the cgroups below this one, if that harms nobody. The kernel takes
   * +pids also where processes are in the way, but then turns this cgroup into the root of a
   * threaded subtree, in which no process can be moved; so the processes are looked at first. The
   * real root, which has no cgroup.type, may have both.
   */
  private boolean enableHere(String controller) throws IOException {
    boolean realRoot = !fs.has(self, "cgroup.type");
    if (!realRoot) {
      if (!fs.processes(self).equals(List.of(pid))) {
        return false;
      }
      Path leaf = Base.of(self).resolve("self");
      fs.create(leaf);
      fs.write(leaf, "cgroup.procs", Integer.toString(pid));
    }
    fs.write(self, CONTROLLERS, "+" + controller);
    return has(self, CONTROLLERS, controller);
  }

  private boolean threaded() throws IOException {
    return fs.has(self, "cgroup.type") && !fs.read(self, "cgroup.type").equals("domain");
  }

  private void enableBelow(Path base, boolean limitTasks) throws IOException {
    if (limitTasks && !has(base, CONTROLLERS, "pids")) {
      fs.write(base, CONTROLLERS, "+pids");
    }
  }

  private boolean has(Path cgroup, String file, String controller) throws IOException {
    return Arrays.asList(fs.read(cgroup, file).split(" ", -1)).contains(controller);
  }

  @Override
  public List<Path> places(String id) {
    return List.of(Base.place(self, id));
  }

  @Override
  public CommandCgroup create(String id, boolean limitTasks) throws IOException {
    if (threaded() || !fs.writable(self, "cgroup.procs")) {
      return new CommandCgroup(fs, List.of(), Optional.empty());
    }
    Path made = Base.make(fs, self, id, base -> enableBelow(base, limitTasks));
    return new CommandCgroup(fs, List.of(made), limitTasks ? Optional.of(made) : Optional.empty());
  }
}
