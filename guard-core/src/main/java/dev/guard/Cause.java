package dev.guard;

import java.util.Locale;

/** The one reason why a command ended as it did. The names in reports are these in lower case. */
public enum Cause {
  /** Its main process exited, or could not be executed (126, 127). */
  EXITED,
  /** A signal that Guard did not send ended its main process. */
  SIGNALLED,
  /** Guard ended it at its deadline. */
  TIMEOUT,
  /** The command was ended since it had used up its processor time. */
  CPU_TIME,
  /** It failed, and the kernel had refused it tasks: pids.events counted. */
  PIDS,
  /** The kernel killed it for its memory: memory.events counted. */
  MEMORY,
  /** Not run: the budget was full. */
  REFUSED_PROCESSES,
  /** Not run: the budget's starts stayed too fast. */
  REFUSED_RATE,
  /** Not run: a required layer could not be made active. */
  REFUSED_CONTAINMENT,
  /** The caller cancelled it. */
  CANCELLED,
  /** Guard could not do its job. */
  GUARD_ERROR;

  /** Whether a time of its own was over, which has an exit status for itself. */
  public boolean isTimeOver() {
    return this == TIMEOUT || this == CPU_TIME;
  }

  /** The name in reports. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
