package dev.guard.session;

import dev.guard.cgroup.CgroupLimits;
import dev.guard.cgroup.CgroupSituation;
import dev.guard.cgroup.ScopeRequest;
import dev.guard.cgroup.Systemd;
import dev.guard.config.GuardConfig;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import dev.guard.os.ProgramResult;
import dev.guard.systemd.Scope;
import dev.guard.systemd.ScopePlan;
import dev.guard.value.Environment;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * Names the slice that all sessions of a user are in, with limits that leave a reserve for the rest
 * of the host, and the scopes in it. See systemd.slice(5).
 */
public final class SessionSlice {
  /** The name of the slice's unit. */
  public static final String UNIT = "guard.slice";

  // The room is for a tmux server, and for each of its windows a guard with its lifeline.
  private static final CgroupLimits ROOM =
      new CgroupLimits(Optional.of(256L), Optional.of(512L << 20), Optional.empty());
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long GIB = 1L << 30;

  private final Os os;
  private final Cgroupfs fs;
  private final Path manager;
  private final Path mountPoint;

  private SessionSlice(Os os, Cgroupfs fs, Path manager, Path mountPoint) {
    this.os = os;
    this.fs = fs;
    this.manager = manager;
    this.mountPoint = mountPoint;
  }

  /** Finds the slice of this process's user; empty where no v2 hierarchy is mounted. */
  static Optional<SessionSlice> ofUser(Kernel kernel, Environment environment) throws IOException {
    Os os = kernel.os();
    return situation(kernel, environment)
        .v2()
        .map(
            h -> {
              Path top = h.mountPoint();
              Path manager = Systemd.managerOf(top, os.userId());
              return new SessionSlice(os, kernel.cgroupfs(), manager, top);
            });
  }

  /**
   * Plans a scope in the slice, or says why there can be none.
   *
   * @param environment the caller's variables, which tell where the user's manager is
   * @param limited the settings of the session that is alone in the scope; empty: of several
   */
  static ScopePlan scope(
      Kernel kernel, Environment environment, String unit, Optional<GuardConfig> limited)
      throws IOException {
    CgroupLimits limits = limited.map(CgroupLimits::of).orElse(CgroupLimits.NONE);
    ScopeRequest request =
        new ScopeRequest(unit, "Sessions of guard", Optional.of(UNIT), limits, ROOM);
    return situation(kernel, environment).scopeThatOutlives(request);
  }

  /** Finds the command of a guard whose cgroup this process is in. */
  static Optional<String> outer(Kernel kernel, Environment environment) throws IOException {
    return situation(kernel, environment).outer();
  }

  private static CgroupSituation situation(Kernel kernel, Environment environment)
      throws IOException {
    Optional<String> runtime = environment.get("XDG_RUNTIME_DIR").map(OsString::toString);
    return CgroupSituation.of(
        kernel.procfs(), kernel.cgroupfs(), kernel.os().pid(), kernel.os().userId(), runtime);
  }

  /** Names the cgroup of a scope in the slice; there or not. */
  public Path scope(String unit) {
    return manager.resolve(UNIT).resolve(unit);
  }

  /** Lists the processes in a scope of the slice. */
  Set<Integer> processes(String unit) throws IOException {
    Set<Integer> processes = new TreeSet<>();
    for (Path cgroup : fs.subtree(scope(unit))) {
      processes.addAll(fs.processes(cgroup));
    }
    return processes;
  }

  /** Answers the mount point of the hierarchy. */
  Path mountPoint() {
    return mountPoint;
  }

  /**
   * Tells whether limits can be read in the hierarchy; not in the unified tree of an old hybrid
   * host.
   */
  boolean hasControllers() {
    try {
      return !fs.read(mountPoint, "cgroup.controllers").isEmpty();
    } catch (IOException e) {
      // The hierarchy has no such file.
      return false;
    }
  }

  /**
   * Says how all sessions together are bounded; an empty value is no limit.
   *
   * @param tasks the most tasks at one time; threads count
   * @param memory bytes
   */
  public record Bounds(OptionalLong tasks, OptionalLong memory) {}

  /**
   * Reads from the kernel how all sessions together are bounded now; nothing where there is no such
   * slice yet.
   */
  public Bounds bounds() throws IOException {
    Path slice = manager.resolve(UNIT);
    return new Bounds(fs.number(slice, "pids.max"), fs.number(slice, "memory.max"));
  }

  /**
   * Computes how much of the machine sessions may have.
   *
   * @param memory the memory of the machine, or the bound of the user's, in bytes
   * @param tasks the tasks of the machine, or the bound of the user's
   */
  static Bounds leavingReserve(long memory, long tasks) {
    long reserve = Math.max(memory / 10, Math.min(GIB, memory / 4));
    return new Bounds(OptionalLong.of(tasks - tasks / 5), OptionalLong.of(memory - reserve));
  }

  /**
   * Gives the slice limits. Limits that somebody has set, in a unit file or by systemctl
   * set-property, stay.
   *
   * @param scope whose manager is asked
   */
  public void bound(Procfs procfs, Scope scope) throws IOException {
    String shown = systemctl(scope, "show", UNIT, "--property=FragmentPath,DropInPaths");
    // Drop-ins for all slices, as distributions have them, set other things.
    if (shown.contains("/" + UNIT)) {
      return;
    }
    Bounds bounds = leavingReserve(memory(procfs), tasks(procfs));
    systemctl(
        scope,
        "set-property",
        "--runtime",
        UNIT,
        "MemoryMax=" + bounds.memory().getAsLong(),
        "TasksMax=" + bounds.tasks().getAsLong());
  }

  private String systemctl(Scope scope, String... words) throws IOException {
    ProgramResult ended = scope.systemctl(os, PATIENCE, words);
    if (ended.status() != 0) {
      throw new IOException("systemctl " + words[0] + " " + UNIT + ": " + ended.errors().strip());
    }
    return ended.output();
  }

  private long memory(Procfs procfs) throws IOException {
    long least = procfs.totalMemory();
    for (Path p = manager; p.startsWith(mountPoint); p = p.getParent()) {
      least = Math.min(least, fs.number(p, "memory.max").orElse(Long.MAX_VALUE));
    }
    return least;
  }

  private long tasks(Procfs procfs) throws IOException {
    long least =
        Math.min(
            Long.parseLong(procfs.systemText("sys/kernel/pid_max").trim()),
            Long.parseLong(procfs.systemText("sys/kernel/threads-max").trim()));
    for (Path p = manager; p.startsWith(mountPoint); p = p.getParent()) {
      least = Math.min(least, fs.number(p, "pids.max").orElse(Long.MAX_VALUE));
    }
    return least;
  }
}
