package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import dev.guard.os.Os;
import dev.guard.systemd.Manager;
import dev.guard.systemd.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Makes cgroups in a v2 tree with controllers, see the kernel's admin-guide/cgroup-v2.rst.
 *
 * <p>A cgroup that has processes of its own can not enable controllers for those below ("no
 * internal processes", but for the real root). Where Guard is the only process of its cgroup, and
 * may arrange that as it likes, it moves to a leaf below, guard/self, and the way is free.
 */
public final class V2Driver implements CgroupDriver {
  /** Names the driver where a service manager has made room. */
  public static final String IN_SCOPE = "systemd";

  private static final String ENABLED = "cgroup.subtree_control";

  /** Asks the manager of the unit that the driver is below to move a process there. */
  @FunctionalInterface
  private interface UnitMover {
    /**
     * Has a process moved.
     *
     * @param cgroup relative to the unit's, with a slash before it
     */
    void move(int pid, Path cgroup) throws IOException;
  }

  /**
   * Describes the unit that the driver is below.
   *
   * @param isOnlyWay whether the manager alone may move a process of the caller there
   */
  private record ManagedUnit(UnitMover mover, boolean isOnlyWay) {}

  private final Cgroupfs fs;
  private final Hierarchy hierarchy;
  private final Optional<ManagedUnit> unit;
  private final Path home;
  private final boolean ours;
  private final Set<Integer> own;
  private final Map<Controller, Support> supported = new EnumMap<>(Controller.class);

  /**
   * Looks at which controllers can be had, and changes nothing.
   *
   * @param own the processes of Guard that may be in {@code hierarchy.self()}, and be moved to a
   *     leaf
   * @param unit the unit that {@code hierarchy.self()} is, where a manager has made it for that
   */
  private V2Driver(
      Cgroupfs fs,
      Hierarchy hierarchy,
      Set<Integer> own,
      Set<Controller> wanted,
      Optional<ManagedUnit> unit) {
    this.fs = fs;
    this.hierarchy = hierarchy;
    this.own = own;
    this.home = BaseCgroup.home(hierarchy.self());
    this.unit = unit;
    this.ours = unit.isPresent() || isOurs();
    wanted.forEach(c -> supported.put(c, look(c)));
  }

  /** Looks below the cgroup that Guard is in. */
  static V2Driver here(Cgroupfs fs, Hierarchy hierarchy, Set<Integer> own, Set<Controller> wanted) {
    return new V2Driver(fs, hierarchy, own, wanted, Optional.empty());
  }

  /**
   * Looks below a scope that was made for Guard, with its lifeline in it.
   *
   * @param caller the cgroup that commands begin in
   */
  public static V2Driver below(
      Os os,
      Scope scope,
      Cgroupfs fs,
      Path caller,
      Hierarchy hierarchy,
      int lifeline,
      Set<Controller> wanted) {
    ManagedUnit unit =
        new ManagedUnit(
            (pid, cgroup) -> scope.attach(os, pid, cgroup),
            !fs.writable(common(caller, hierarchy.self()), "cgroup.procs"));
    return new V2Driver(fs, hierarchy, Set.of(lifeline), wanted, Optional.of(unit));
  }

  /** Looks below a standing unit, which its holder keeps. */
  public static V2Driver below(UnitPlace place, Cgroupfs fs, Set<Controller> wanted) {
    Path common = common(place.caller(), place.hierarchy().self());
    boolean isOnlyWay = !fs.writable(common, "cgroup.procs");
    return new V2Driver(
        fs,
        place.hierarchy(),
        Set.of(place.holder()),
        wanted,
        Optional.of(new ManagedUnit(place::move, isOnlyWay)));
  }

  /** Names the deepest cgroup that both are below: who moves a process must own it. */
  static Path common(Path caller, Path command) {
    Path common = caller;
    while (!command.startsWith(common)) {
      common = common.getParent();
    }
    return common;
  }

  @Override
  public String name() {
    return unit.isPresent() ? IN_SCOPE : "v2";
  }

  @Override
  public Support supports(Controller controller) {
    return supported.get(controller);
  }

  @Override
  public CgroupDriver lookFor(Set<Controller> wanted) {
    return new V2Driver(fs, hierarchy, own, wanted, unit);
  }

  /** Tells whether the driver can do all that was wanted, and kill a whole tree. */
  public boolean isSufficient() throws IOException {
    return takesCommands() && supported.values().stream().allMatch(Support::available);
  }

  private boolean takesCommands() throws IOException {
    return fs.writable(home, "cgroup.procs") && !threaded();
  }

  private Support look(Controller controller) {
    try {
      if (!fs.writable(home, "cgroup.procs")) {
        return Support.no(hierarchy.notWritable(home));
      }
      if (!ControllerFiles.lists(fs, home, "cgroup.controllers", controller)) {
        return notDelegated(controller, home);
      }
      if (threaded()) {
        return Support.no(home + " is part of a threaded subtree, which takes no processes");
      }
      String obstacle =
          ControllerFiles.lists(fs, home, ENABLED, controller) ? "" : obstacle(fs.processes(home));
      return obstacle.isEmpty() ? Support.YES : blocked(controller, obstacle);
    } catch (IOException e) {
      return Support.no(e.getMessage());
    }
  }

  static Support notDelegated(Controller controller, Path cgroup) {
    return Support.no(
        "the "
            + controller.text()
            + " controller is not delegated to "
            + cgroup
            + ", see docs/cgroups.md");
  }

  private static Support blocked(Controller controller, String obstacle) {
    return Support.no(
        obstacle + ", so it can not enable " + controller.text() + " there, see docs/cgroups.md");
  }

  @Override
  public void prepare() {
    supported.replaceAll((c, support) -> support.available() ? enable(c) : support);
  }

  /** Enables a controller here. Other processes may have come since the look. */
  private Support enable(Controller controller) {
    try {
      if (ControllerFiles.lists(fs, home, ENABLED, controller)) {
        return Support.YES;
      }
      String obstacle = makeWay();
      if (!obstacle.isEmpty()) {
        return blocked(controller, obstacle);
      }
      enable(home, controller);
      return Support.YES;
    } catch (IOException e) {
      return Support.no(e.getMessage());
    }
  }

  private void enable(Path cgroup, Controller controller) throws IOException {
    if (!ControllerFiles.lists(fs, cgroup, ENABLED, controller)) {
      fs.write(cgroup, ENABLED, "+" + controller.text());
      if (!ControllerFiles.lists(fs, cgroup, ENABLED, controller)) {
        throw new IOException(
            cgroup.resolve(ENABLED) + " does not show " + controller.text() + " after +");
      }
    }
  }

  /** Sees to it that no process is in the way, if that harms nobody; else says which one is. */
  private String makeWay() throws IOException {
    List<Integer> processes = fs.processes(home);
    String obstacle = obstacle(processes);
    if (obstacle.isEmpty() && !processes.isEmpty() && !isRealRoot()) {
      Path leaf = BaseCgroup.selfLeaf(home);
      fs.create(leaf);
      for (int pid : processes) {
        fs.write(leaf, "cgroup.procs", Integer.toString(pid));
      }
    }
    return obstacle;
  }

  /**
   * Says which process is in the way and can not be moved out of it. The kernel takes +pids also
   * where processes are in the way, but then turns this cgroup into the root of a threaded subtree,
   * in which no process can be moved; so the processes are looked at first. The real root may have
   * both.
   */
  private String obstacle(List<Integer> processes) {
    if (isRealRoot() || processes.isEmpty()) {
      return "";
    }
    if (!own.containsAll(processes)) {
      return home + " has other processes than guard";
    }
    return ours ? "" : home + " is systemd's and not delegated, guard does not rearrange it";
  }

  /** Tells whether the driver's cgroup is the real root, the one cgroup that has no cgroup.type. */
  private boolean isRealRoot() {
    return !fs.has(home, "cgroup.type");
  }

  /**
   * Tells whether the cgroup is Guard's to arrange: systemd has delegated it (it says so in an
   * extended attribute, see systemd's CGROUP_DELEGATION), it is the root of a cgroup namespace, so
   * a container's, or no systemd manages this host.
   */
  private boolean isOurs() {
    boolean top = home.equals(hierarchy.mountPoint());
    return top || isDelegated() || !Manager.isBooted(fs);
  }

  private boolean isDelegated() {
    for (Path cgroup = home; cgroup != null; cgroup = cgroup.getParent()) {
      if (fs.isDelegated(cgroup)) {
        return true;
      }
      if (Systemd.isUnit(cgroup)) {
        // The cgroups above are delegated to the manager that this unit belongs to.
        return false;
      }
    }
    return false;
  }

  private boolean threaded() throws IOException {
    return fs.has(home, "cgroup.type") && !fs.read(home, "cgroup.type").equals("domain");
  }

  @Override
  public Optional<Path> base() {
    try {
      return takesCommands() ? Optional.of(BaseCgroup.of(home)) : Optional.empty();
    } catch (IOException e) {
      // The files of that cgroup can not be read.
      return Optional.empty();
    }
  }

  @Override
  public List<Path> places(String id) {
    return List.of(BaseCgroup.place(home, id));
  }

  @Override
  public CommandCgroup create(String id, Set<Controller> limited) throws IOException {
    if (!takesCommands()) {
      return CommandCgroup.none(fs, "");
    }
    Path made =
        BaseCgroup.make(
            fs,
            home,
            id,
            base -> {
              for (Controller c : limited) {
                enable(base, c);
              }
            });
    try {
      // Controllers are enabled before the leaf is there: to enable one for tasks waits for all of
      // their threads.
      for (Controller c : limited) {
        enable(made, c);
      }
      fs.createNew(BaseCgroup.leaf(made));
    } catch (IOException e) {
      fs.remove(made);
      fs.remove(made.getParent());
      throw e;
    }
    Map<Controller, Path> limits =
        limited.stream().collect(Collectors.toMap(Function.identity(), c -> made));
    return new CommandCgroup(
        fs, ControllerFiles.V2, List.of(made), limits, Map.of(), "", mover(made));
  }

  /** Lets a unit's manager move processes that Guard itself may not, out of a login session. */
  private Optional<CgroupMembers.Mover> mover(Path cgroup) {
    Path leaf = Path.of("/").resolve(home.relativize(BaseCgroup.leaf(cgroup)));
    return unit.map(
        u -> new CgroupMembers.Mover(moved -> u.mover().move(moved, leaf), u.isOnlyWay()));
  }
}
