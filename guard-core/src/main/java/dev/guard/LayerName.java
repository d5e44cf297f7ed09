package dev.guard;

import java.util.Locale;
import java.util.Optional;

/**
 * Names the protections of a command. Their names in settings, reports and texts are these in lower
 * case.
 */
public enum LayerName {
  /** The registry limits the live processes in the budget, max_processes. */
  REGISTRY,
  /** The rate limit bounds the starts per second in the budget. */
  RATE_LIMIT,
  /** The kernel limits the tasks of the command, by pids.max. */
  PIDS,
  /** The kernel limits the memory of the command, by memory.max. */
  MEMORY,
  /** The kernel limits the processor time per wall time of the command, by cpu.max. */
  CPU,
  /**
   * The processor time that a tree may use is limited: of its cgroup, and by RLIMIT_CPU for each
   * process.
   */
  CPU_TIME,
  /** The open files of each process are limited, by RLIMIT_NOFILE, soft and hard. */
  OPEN_FILES,
  /** The command has a process group of its own. */
  PROCESS_GROUP,
  /** The wall time from release to TERM is limited. */
  TIMEOUT,
  /** A process outside of the command ends the tree when Guard itself is killed. */
  LIFELINE;

  /** Answers the unit of the layer's limit; empty for a layer that is no limit. */
  public Optional<LimitUnit> unit() {
    return switch (this) {
      case REGISTRY -> Optional.of(LimitUnit.PROCESSES);
      case RATE_LIMIT -> Optional.of(LimitUnit.STARTS_PER_SECOND);
      case PIDS -> Optional.of(LimitUnit.TASKS);
      case MEMORY -> Optional.of(LimitUnit.BYTES);
      case CPU -> Optional.of(LimitUnit.CORES);
      case CPU_TIME, TIMEOUT -> Optional.of(LimitUnit.SECONDS);
      case OPEN_FILES -> Optional.of(LimitUnit.FILES);
      case PROCESS_GROUP, LIFELINE -> Optional.empty();
    };
  }

  /** Answers the layer's name in settings and reports. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
