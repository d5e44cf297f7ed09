package dev.guard;

import java.util.Locale;

/** Names the units of limits. */
public enum LimitUnit {
  /** Live processes. */
  PROCESSES,
  /** Starts of commands in each second. */
  STARTS_PER_SECOND,
  /** Tasks, as the kernel counts them: each thread of each process is one. */
  TASKS,
  /** Bytes of memory. */
  BYTES,
  /** Processor time per wall time. */
  CORES,
  /** Seconds, with fractions. */
  SECONDS,
  /** Open files of each process. */
  FILES;

  /** Answers the unit's name for people, in lower case. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
