package dev.guard.session;

import dev.guard.cgroup.CgroupLimits;
import dev.guard.cgroup.CgroupSituation;
import dev.guard.cgroup.ScopeRequest;
import dev.guard.cgroup.Systemd;
import dev.guard.config.GuardConfig;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Child;
import dev.guard.os.Os;
import dev.guard.os.Procfs;
import dev.guard.systemd.Scope;
import dev.guard.systemd.ScopePlan;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The slice that all sessions of a user are in, with limits that leave a reserve for the rest of
 * the host, and the scopes in it. See systemd.slice(5).
 */
public final class SessionSlice {
  /** Its unit. */
  public static final String UNIT = "guard.slice";

  // A tmux server, and for each of its windows a guard with its lifeline.
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

  /** That of this process's user; empty where no v2 hierarchy is mounted. */
  public static Optional<SessionSlice> ofUser(Os os, Procfs procfs, Cgroupfs fs)
      throws IOException {
    return situation(os, procfs, fs)
        .v2()
        .map(
            h -> {
              Path top = h.mountPoint();
              return new SessionSlice(os, fs, Systemd.managerOf(top, os.userId()), top);
            });
  }

  /**
   * A scope in it, or why there can be none.
   *
   * @param limited the settings of the session that is alone in the scope; empty: of several
   */
  public static ScopePlan scope(
      Os os, Procfs procfs, Cgroupfs fs, String unit, Optional<GuardConfig> limited)
      throws IOException {
    CgroupLimits limits = limited.map(CgroupLimits::of).orElse(CgroupLimits.NONE);
    ScopeRequest request =
        new ScopeRequest(unit, "Sessions of guard", Optional.of(UNIT), limits, ROOM);
    return situation(os, procfs, fs).scopeThatOutlives(request);
  }

  /** The command, of a guard, whose cgroup this process is in. */
  public static Optional<String> outer(Os os, Procfs procfs, Cgroupfs fs) throws IOException {
    return situation(os, procfs, fs).outer();
  }

  private static CgroupSituation situation(Os os, Procfs procfs, Cgroupfs fs) throws IOException {
    return CgroupSituation.of(
        os, procfs, fs, Optional.ofNullable(System.getenv("XDG_RUNTIME_DIR")));
  }

  /** The cgroup of a scope in it; there or not. */
  public Path scope(String unit) {
    return manager.resolve(UNIT).resolve(unit);
  }

  /** The mount point of the hierarchy. */
  public Path mountPoint() {
    return mountPoint;
  }

  /**
   * What bounds all sessions together; empty is no limit.
   *
   * @param tasks at one time; threads count
   * @param memory bytes
   */
  public record Bounds(OptionalLong tasks, OptionalLong memory) {}

  /** What bounds them now, read from the kernel; nothing where there is no such slice yet. */
  public Bounds bounds() throws IOException {
    Path slice = manager.resolve(UNIT);
    return new Bounds(fs.number(slice, "pids.max"), fs.number(slice, "memory.max"));
  }

  /**
   * What sessions may have of what there is.
   *
   * @param memory of the machine, or of what the user is bound by, in bytes
   * @param tasks likewise
   */
  static Bounds leavingReserve(long memory, long tasks) {
    long reserve = Math.max(memory / 10, Math.min(GIB, memory / 4));
    return new Bounds(OptionalLong.of(tasks - tasks / 5), OptionalLong.of(memory - reserve));
  }

  /**
   * Sees to it that it has limits. Where somebody has set some, in a unit file or by systemctl
   * set-property, those hold.
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
    Child.Ended ended = scope.systemctl(os, PATIENCE, words);
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
