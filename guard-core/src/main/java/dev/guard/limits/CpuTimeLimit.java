package dev.guard.limits;

import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.cgroup.CommandCgroup;
import dev.guard.config.GuardConfig;
import dev.guard.os.LimitCalls;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import java.io.IOException;
import java.time.Duration;

/**
 * Limits processor time: the kernel ends each process at its limit, and the monitor looks at the
 * time that the tree has used.
 */
public final class CpuTimeLimit {
  private static final String NO_CGROUP =
      "no cgroup counts it here: guard adds up what its live processes have used, and misses those that have ended";

  private CpuTimeLimit() {}

  /**
   * Sets RLIMIT_CPU of a held process and reads it back. At the soft limit the kernel sends XCPU,
   * and KILL when the grace is over too; a process that loops in vain so ends also where Guard has
   * died.
   */
  static Layer apply(Os os, int pid, CommandCgroup cgroup, GuardConfig config) throws IOException {
    Duration most = config.cpuTime().orElseThrow();
    LimitCalls.Limit inherited = os.cpuSeconds(pid);
    long soft = least(inherited.soft(), wholeSeconds(most));
    long grace = Math.max(1, wholeSeconds(config.killAfter()));
    long hard = least(inherited.hard(), wholeSeconds(most) + grace);
    os.setCpuSeconds(pid, new LimitCalls.Limit(Math.min(soft, hard), hard));
    LimitCalls.Limit got = os.cpuSeconds(pid);
    if (got.hard() != hard) {
      throw new OsException("RLIMIT_CPU of " + pid, 0, "reads back " + got.hard());
    }
    return layer(config, cgroup.counters().cpuMicros().isPresent());
  }

  /** Describes the layer where a cgroup counts the time that the tree uses, or none does. */
  public static Layer layer(GuardConfig config, boolean counted) {
    if (config.cpuTime().isEmpty()) {
      return Layer.off(LayerName.CPU_TIME);
    }
    double seconds = config.cpuTime().get().toNanos() / 1e9;
    return counted
        ? Layer.active(LayerName.CPU_TIME, seconds, "seconds, by its cgroup")
        : Layer.degraded(LayerName.CPU_TIME, seconds, NO_CGROUP);
  }

  /** Rounds up, since the kernel counts in whole seconds, and takes 0 for 1. */
  private static long wholeSeconds(Duration time) {
    return time.plusNanos(999_999_999).toSeconds();
  }

  /** Compares unsigned, since RLIM_INFINITY is the largest value. */
  private static long least(long inherited, long wanted) {
    return Long.compareUnsigned(inherited, wanted) < 0 ? inherited : wanted;
  }
}
