package dev.guard;

import java.util.Locale;

/** Names the units of limits. */
public enum LimitUnit {
  /** The unit counts live processes. */
  PROCESSES,
  /** The unit counts starts of commands in each second. */
  STARTS_PER_SECOND,
  /** The unit counts tasks as the kernel does: each thread of each process is one. */
  TASKS,
  /** The unit counts bytes of memory. */
  BYTES,
  /** The unit measures processor time per wall time. */
  CORES,
  /** The unit counts seconds, with fractions. */
  SECONDS,
  /** The unit counts open files of each process. */
  FILES;

  /** Answers the unit's name for people, in lower case. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
