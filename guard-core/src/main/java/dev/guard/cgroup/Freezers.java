package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the cgroups in which processes of a command are frozen, wherever they are, and thaws those
 * that hold nobody else. A process in a frozen v1 cgroup keeps even SIGKILL waiting; one in a v2
 * cgroup can be killed, but can not act on SIGTERM.
 */
public final class Freezers {
  private static final String STATE = "freezer.state";
  private static final String THAWED = "THAWED";

  private final Cgroupfs fs;
  private final Procfs procfs;
  private final String mounts;

  /**
   * Makes the search for frozen cgroups where {@code self} sees cgroups mounted.
   *
   * @param self a process of Guard
   */
  Freezers(Cgroupfs fs, Procfs procfs, int self) throws IOException {
    this.fs = fs;
    this.procfs = procfs;
    this.mounts = procfs.text(self, "mountinfo").orElse("");
  }

  /**
   * Thaws the cgroups that keep one of these processes frozen, unless others are frozen there with
   * them.
   */
  public void thaw(Set<Integer> pids) throws IOException {
    Set<Path> done = new HashSet<>();
    for (int pid : pids) {
      // Each of several cgroups above one another can be frozen.
      Optional<Path> frozen = of(pid);
      while (frozen.isPresent() && done.add(frozen.get()) && holdsOnly(pids, frozen.get())) {
        fs.writeIfThere(frozen.get(), STATE, THAWED);
        fs.writeIfThere(frozen.get(), "cgroup.freeze", "0");
        frozen = of(pid);
      }
    }
  }

  private boolean holdsOnly(Set<Integer> pids, Path cgroup) throws IOException {
    for (Path below : fs.subtree(cgroup)) {
      if (!pids.containsAll(fs.processes(below))) {
        return false;
      }
    }
    return true;
  }

  /** Finds the cgroup whose freezing keeps a process from running; empty when none does. */
  private Optional<Path> of(int pid) throws IOException {
    String membership = procfs.text(pid, "cgroup").orElse("");
    for (Hierarchy h : Hierarchy.parse(mounts, membership)) {
      if (h.version() == 2 || h.controllers().contains("freezer")) {
        Optional<Path> frozen = frozen(h);
        if (frozen.isPresent()) {
          return frozen;
        }
      }
    }
    return Optional.empty();
  }

  private Optional<Path> frozen(Hierarchy h) throws IOException {
    try {
      if (!isFrozen(h.self())) {
        return Optional.empty();
      }
      for (Path at = h.self(); at.startsWith(h.mountPoint()); at = at.getParent()) {
        if (freezes(at)) {
          return Optional.of(at);
        }
      }
      return Optional.empty();
    } catch (NoSuchFileException e) {
      // The cgroup was removed, so nobody is in it.
      return Optional.empty();
    }
  }

  private boolean isFrozen(Path cgroup) throws IOException {
    if (fs.has(cgroup, STATE)) {
      return !fs.read(cgroup, STATE).equals(THAWED);
    }
    return fs.has(cgroup, "cgroup.events")
        && fs.counters(cgroup, "cgroup.events").getOrDefault("frozen", 0L) == 1;
  }

  /** Tells whether a cgroup was itself told to freeze, and is not only below one that was. */
  private boolean freezes(Path cgroup) throws IOException {
    String own = fs.has(cgroup, STATE) ? "freezer.self_freezing" : "cgroup.freeze";
    return fs.number(cgroup, own).orElse(0) == 1;
  }

  /** Says what a person can do about a process that is frozen; empty when it is not. */
  public Optional<String> remedy(int pid) throws IOException {
    return of(pid).map(this::remedy);
  }

  private String remedy(Path cgroup) {
    String write =
        fs.has(cgroup, STATE)
            ? "echo THAWED >" + cgroup.resolve(STATE)
            : "echo 0 >" + cgroup.resolve("cgroup.freeze");
    return "frozen beside others: " + write;
  }
}
