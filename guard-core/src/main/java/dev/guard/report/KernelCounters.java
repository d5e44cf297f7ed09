package dev.guard.report;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.os.MainProcess;
import dev.guard.os.Procfs;
import dev.guard.os.WaitStatus;
import dev.guard.value.Result.PeakMemorySource;
import dev.guard.value.Result.Usage;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads the kernel's counters of one command, at two moments of its end. */
final class KernelCounters {
  private Usage usage = Usage.NONE;
  private OptionalLong oomKills = OptionalLong.empty();
  private OptionalLong forksRefused = OptionalLong.empty();

  /** Answers what the command used; nothing before that was read. */
  Usage usage() {
    return usage;
  }

  /** Answers how many tasks the kernel refused. */
  OptionalLong forksRefused() {
    return forksRefused;
  }

  /**
   * Reads how many tasks the kernel refused and how many processes it killed for memory, before
   * Guard itself stops the tree from forking.
   */
  void refusals(CommandCgroup cgroup) throws IOException {
    forksRefused = cgroup.counters().forksRefused();
    oomKills = cgroup.counters().oomKills();
  }

  /** Reads the kernel's other counters; the cgroup must still be there. */
  void usage(MainProcess main, CommandCgroup cgroup, Procfs procfs) throws IOException {
    OptionalLong peakMemory = cgroup.counters().peakMemory();
    Optional<PeakMemorySource> source =
        peakMemory.isPresent() ? Optional.of(PeakMemorySource.CGROUP) : Optional.empty();
    long largest = main.peakBytes();
    if (peakMemory.isEmpty() && largest > 0) {
      peakMemory = OptionalLong.of(largest);
      // The kernel adds up its counters only roughly.
      long own = main.peakOfMaker(procfs);
      boolean isOwn = largest <= own + own / 16;
      source = Optional.of(isOwn ? PeakMemorySource.RUSAGE_AT_MOST : PeakMemorySource.RUSAGE);
    }
    usage =
        new Usage(
            cpuMicros(main.status(), cgroup),
            peakMemory,
            source,
            cgroup.counters().peakPids(),
            forksRefused,
            oomKills);
  }

  private static OptionalLong cpuMicros(WaitStatus status, CommandCgroup cgroup)
      throws IOException {
    OptionalLong ofTree = cgroup.counters().cpuMicros();
    if (ofTree.isPresent() || status == null || status.isUnknown()) {
      return ofTree;
    }
    return OptionalLong.of(status.cpuMicros());
  }
}
