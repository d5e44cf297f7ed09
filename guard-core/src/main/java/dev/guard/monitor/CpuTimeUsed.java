package dev.guard.monitor;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.os.Procfs;
import dev.guard.os.Signals;
import dev.guard.os.WaitStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;

/** Tells whether a tree has used up the processor time that it may use. */
public final class CpuTimeUsed {
  private final Procfs procfs;
  private final CommandCgroup cgroup;
  private final long mostMicros;

  /**
   * Makes the question for one command. The cgroup is asked, which counts also processes that have
   * ended; where there is none, /proc.
   *
   * @param most positive
   */
  public CpuTimeUsed(Procfs procfs, CommandCgroup cgroup, Duration most) {
    this.procfs = procfs;
    this.cgroup = cgroup;
    this.mostMicros = most.toNanos() / 1000;
  }

  /** Tells whether these processes, and those before them, have used up the time. */
  boolean isAll(Set<Integer> tree) throws IOException {
    OptionalLong counted = cgroup.counters().cpuMicros();
    if (counted.isPresent()) {
      return counted.getAsLong() >= mostMicros;
    }
    long sum = 0;
    for (int pid : tree) {
      // The time of a child that has ended counts with the process that has waited for it.
      sum += procfs.cpuMicros(pid);
    }
    return sum >= mostMicros;
  }

  /** Tells whether the kernel has ended the main process for its processor time, by RLIMIT_CPU. */
  public boolean hasEnded(WaitStatus main) {
    boolean byLimit = main.signal() == Signals.XCPU || main.signal() == Signals.KILL;
    return byLimit && main.cpuMicros() >= mostMicros;
  }
}
