package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import dev.guard.os.Procfs;
import dev.guard.store.CommandId;
import dev.guard.systemd.ScopePlan;
import dev.guard.systemd.UnitProperty;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Tells where a caller is in the cgroups of this host, and so where its commands can have theirs. A
 * situation is only looked at, and nothing is changed.
 *
 * @param fs the files of cgroups
 * @param pid the caller
 * @param own the processes of Guard that may be moved to make room
 * @param user the caller's effective user id
 * @param runtimeDirectory the caller's XDG_RUNTIME_DIR, if it is set
 * @param hierarchies the mounted hierarchies, and where the caller is in each
 * @param outer the command, of another Guard, whose cgroup the caller is in
 */
public record CgroupSituation(
    Cgroupfs fs,
    int pid,
    Set<Integer> own,
    int user,
    Optional<String> runtimeDirectory,
    List<Hierarchy> hierarchies,
    Optional<String> outer) {

  /**
   * Looks at the situation of a caller.
   *
   * @param pid the caller, or a process in the same place
   * @param user the caller's effective user id
   * @param runtimeDirectory the caller's XDG_RUNTIME_DIR, if it is set
   */
  public static CgroupSituation of(
      Procfs procfs, Cgroupfs fs, int pid, int user, Optional<String> runtimeDirectory)
      throws IOException {
    List<Hierarchy> hierarchies = hierarchies(procfs, pid, pid);
    return new CgroupSituation(
        fs, pid, Set.of(pid), user, runtimeDirectory, hierarchies, outer(hierarchies));
  }

  /** Has another process of Guard make room, too: one that the caller has started. */
  public CgroupSituation with(int process) {
    return new CgroupSituation(
        fs, pid, Set.of(pid, process), user, runtimeDirectory, hierarchies, outer);
  }

  private static List<Hierarchy> hierarchies(Procfs procfs, int mountsOf, int pid)
      throws IOException {
    String mounts = procfs.text(mountsOf, "mountinfo").orElse("");
    return Hierarchy.parse(mounts, procfs.text(pid, "cgroup").orElse(""));
  }

  private static Optional<String> outer(List<Hierarchy> hierarchies) {
    for (Hierarchy hierarchy : hierarchies) {
      Optional<String> id = BaseCgroup.commandOf(hierarchy.self());
      if (id.isPresent() && CommandId.is(id.get())) {
        return id;
      }
    }
    return Optional.empty();
  }

  /** Picks the v2 hierarchy, if one shows the caller. */
  public Optional<Hierarchy> v2() {
    return v2(hierarchies);
  }

  private static Optional<Hierarchy> v2(List<Hierarchy> hierarchies) {
    for (Hierarchy hierarchy : hierarchies) {
      if (hierarchy.version() == 2) {
        return Optional.of(hierarchy);
      }
    }
    return Optional.empty();
  }

  /** Chooses the driver for these controllers, which has arranged nothing yet. */
  public CgroupDriver driver(Set<Controller> wanted) {
    return CgroupChooser.choose(hierarchies, fs, own, wanted);
  }

  /**
   * Plans a scope where there is no room beside the caller; else neither a scope nor a problem.
   *
   * @param unit the name of the scope
   * @param limits the limits of the scope
   */
  public ScopePlan scopeInsteadOf(CgroupDriver driver, String unit, CgroupLimits limits)
      throws IOException {
    if (!(driver instanceof V2Driver here) || here.isSufficient()) {
      return ScopePlan.no("");
    }
    if (v2().orElseThrow().readOnly()) {
      // A scope's cgroup would be read-only, too.
      return ScopePlan.no("");
    }
    return outer.isPresent()
        ? ScopePlan.no("this guard is inside another's command, whose limits it keeps")
        : systemd().scope(ScopeRequest.forCommands(unit, limits), runtimeDirectory);
  }

  /**
   * Plans a scope for a program that is to outlive the service or session of the caller, since a
   * service manager ends all that is in the cgroup of a service.
   */
  public ScopePlan scopeThatOutlives(ScopeRequest request) throws IOException {
    Optional<String> obstacle = obstacleToOutlive();
    return obstacle.isPresent()
        ? ScopePlan.no(obstacle.get())
        : systemd().scope(request, runtimeDirectory);
  }

  /**
   * Lists the properties of a scope in which these processes, which run, outlive the service or
   * session of the caller.
   *
   * @throws IOException with the reason, when there is no way
   */
  public List<UnitProperty> scopeThatOutlives(List<Integer> pids) throws IOException {
    Optional<String> obstacle = obstacleToOutlive();
    if (obstacle.isPresent()) {
      throw new IOException(obstacle.get());
    }
    return systemd().scopeOf(pids, "A detached command and its guard", runtimeDirectory);
  }

  private Optional<String> obstacleToOutlive() {
    if (outer.isPresent()) {
      return Optional.of("it is part of command " + outer.get() + ", and ends with it");
    }
    return v2().isEmpty() ? Optional.of("there is no cgroup v2 hierarchy here") : Optional.empty();
  }

  /** Tells whether a scope could limit with this controller; else why not. */
  CgroupDriver.Support inScope(Controller controller) throws IOException {
    return systemd().delegates(controller);
  }

  /** Lists those of these controllers that a scope could limit with. */
  public Set<Controller> inScope(Set<Controller> wanted) throws IOException {
    Set<Controller> delegated = EnumSet.noneOf(Controller.class);
    for (Controller controller : wanted) {
      if (inScope(controller).available()) {
        delegated.add(controller);
      }
    }
    return delegated;
  }

  /**
   * Finds the cgroup of a unit by a process that a manager should have put there.
   *
   * @throws IOException when that process is not in the unit
   */
  public Hierarchy placeIn(String unit, int there, Procfs procfs) throws IOException {
    for (Hierarchy hierarchy : hierarchies(procfs, pid, there)) {
      if (hierarchy.version() == 2 && BaseCgroup.home(hierarchy.self()).endsWith(unit)) {
        return hierarchy;
      }
    }
    throw new IOException("systemd did not move process " + there + " to " + unit);
  }

  /** Plans the standing unit that has room for the commands of this caller. */
  public StandingUnit standingUnit() throws IOException {
    return systemd().standingUnit();
  }

  private Systemd systemd() {
    return new Systemd(fs, user, v2().orElseThrow());
  }
}
