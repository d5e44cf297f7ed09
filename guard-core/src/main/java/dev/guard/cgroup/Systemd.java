package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import dev.guard.systemd.Manager;
import dev.guard.systemd.Scope;
import dev.guard.systemd.ScopePlan;
import dev.guard.systemd.UnitProperty;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Plans scopes of systemd where Guard's own cgroup has no room: its manager, the user's or for root
 * the system's, makes a scope and moves the lifeline into it, also out of a login session, whose
 * processes a user may not move. See systemd-run(1), and systemd's CGROUP_DELEGATION.
 */
public final class Systemd {
  private final Cgroupfs fs;
  private final int user;
  private final Path self;
  private final Path mountPoint;

  /**
   * Plans for a Guard in this place.
   *
   * @param user the guard's effective user id
   * @param self the guard's cgroup
   */
  public Systemd(Cgroupfs fs, int user, Hierarchy self) {
    this.fs = fs;
    this.user = user;
    this.self = self.self();
    this.mountPoint = self.mountPoint();
  }

  /** Tells whether a cgroup is, by its name, that of a unit that has processes. */
  static boolean isUnit(Path cgroup) {
    return cgroup.getFileName() != null
        && (cgroup.getFileName().toString().endsWith(".service")
            || cgroup.getFileName().toString().endsWith(".scope"));
  }

  /**
   * Plans a scope.
   *
   * @param runtimeDirectory XDG_RUNTIME_DIR, if it is set
   */
  public ScopePlan scope(ScopeRequest request, Optional<String> runtimeDirectory)
      throws IOException {
    try {
      Manager manager = Manager.of(fs, user, runtimeDirectory);
      List<String> words = words(manager, request);
      return new ScopePlan(
          Optional.of(new Scope(request.unit(), words, manager.environment(), user != 0)), "");
    } catch (Manager.NoManagerException e) {
      return ScopePlan.no(e.getMessage());
    }
  }

  private List<String> words(Manager manager, ScopeRequest request) throws IOException {
    List<String> words = new ArrayList<>(manager.words());
    words.addAll(
        List.of(
            "--scope",
            "--quiet",
            "--collect",
            "--description=" + request.description(),
            "--unit=" + request.unit()));
    Path shared = request.slice().isPresent() ? manager().orElse(mountPoint) : shared();
    request.slice().or(() -> slice(shared)).ifPresent(slice -> words.add("--slice=" + slice));
    words.addAll(List.of("-p", "Delegate=yes"));
    UnitLimits.words(request.limits().plus(request.room()).and(left(shared)))
        .forEach(property -> words.addAll(List.of("-p", property)));
    words.add("--");
    return words;
  }

  /**
   * Lists the properties of a scope for processes that run already, with the limits above them that
   * the scope would not be below.
   *
   * @param runtimeDirectory XDG_RUNTIME_DIR, if it is set
   * @throws Manager.NoManagerException when there is nobody to ask for it
   */
  List<UnitProperty> scopeOf(
      List<Integer> pids, String description, Optional<String> runtimeDirectory)
      throws IOException {
    Manager ignored = Manager.of(fs, user, runtimeDirectory);
    Path shared = shared();
    List<UnitProperty> properties = new ArrayList<>();
    properties.add(UnitProperty.text("Description", description));
    properties.add(UnitProperty.flag("Delegate", true));
    properties.add(UnitProperty.text("CollectMode", "inactive-or-failed"));
    slice(shared).ifPresent(slice -> properties.add(UnitProperty.text("Slice", slice)));
    properties.addAll(UnitLimits.properties(left(shared)));
    properties.add(UnitProperty.processes("PIDs", pids));
    return properties;
  }

  /** Plans the unit that stands for the commands of a caller in this place. */
  StandingUnit standingUnit() throws IOException {
    Path shared = shared();
    return new StandingUnit(user, mountPoint, slice(shared), leftCgroups(shared), left(shared));
  }

  /** Tells whether the manager can limit with this controller in its scopes; else why not. */
  public CgroupDriver.Support delegates(Controller controller) throws IOException {
    Path manager = managerOf(mountPoint, user);
    return !fs.has(manager, "cgroup.controllers")
            || ControllerFiles.lists(fs, manager, "cgroup.controllers", controller)
        ? CgroupDriver.Support.YES
        : V2Driver.notDelegated(controller, manager);
  }

  /** Names the top cgroup of a user's own manager, where systemd has it; for root the system's. */
  public static Path managerOf(Path mountPoint, int user) {
    return user == 0
        ? mountPoint
        : mountPoint.resolve("user.slice/user-" + user + ".slice/user@" + user + ".service");
  }

  /**
   * Finds the deepest cgroup above Guard that the scope will be below, too: a slice, that is asked
   * for by name, since its limits go on to hold. A manager has the slices from its own top down to
   * the first unit that is none, and a user's manager has its top in its own service.
   */
  private Path shared() {
    Optional<Path> manager = manager();
    if (manager.isEmpty()) {
      return mountPoint;
    }
    Path shared = manager.get();
    for (Path name : shared.relativize(self)) {
      if (!name.toString().endsWith(".slice")) {
        break;
      }
      shared = shared.resolve(name);
    }
    return shared;
  }

  /** Finds the top of the manager that is asked, where this process is below it. */
  private Optional<Path> manager() {
    return user == 0 ? Optional.of(mountPoint) : above("user@" + user + ".service");
  }

  private static Optional<String> slice(Path shared) {
    String name = String.valueOf(shared.getFileName());
    return Optional.of(name).filter(n -> n.endsWith(".slice"));
  }

  private Optional<Path> above(String name) {
    for (Path p = self; p.startsWith(mountPoint) && !p.equals(mountPoint); p = p.getParent()) {
      if (p.endsWith(name)) {
        return Optional.of(p);
      }
    }
    return Optional.empty();
  }

  /**
   * Collects the tightest limits above Guard that the scope would not be below: the scope gets
   * these itself.
   */
  private CgroupLimits left(Path shared) throws IOException {
    CgroupLimits left = CgroupLimits.NONE;
    for (Path cgroup : leftCgroups(shared)) {
      left = left.and(ControllerFiles.limitsOf(fs, cgroup));
    }
    return left;
  }

  /** Lists the cgroups above Guard that the scope would not be below, the deepest one first. */
  private List<Path> leftCgroups(Path shared) {
    List<Path> left = new ArrayList<>();
    for (Path p = self; !p.equals(shared); p = p.getParent()) {
      boolean stillAbove = user != 0 && p.endsWith("user-" + user + ".slice");
      if (stillAbove) {
        break;
      }
      left.add(p);
    }
    return left;
  }
}
