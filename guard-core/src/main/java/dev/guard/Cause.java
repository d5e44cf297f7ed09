package dev.guard;

import java.util.Locale;

/**
 * A cause is the one reason why a command ended as it did. The names in reports are these in lower
 * case.
 */
public enum Cause {
  /** The command's main process exited, or could not be executed (126, 127). */
  EXITED,
  /** A signal that Guard did not send ended the command's main process. */
  SIGNALLED,
  /** Guard ended the command at its deadline. */
  TIMEOUT,
  /** The command was ended since it had used up its processor time. */
  CPU_TIME,
  /** The command failed, and the kernel had refused it tasks: pids.events counted. */
  PIDS,
  /** The kernel killed the command for its memory: memory.events counted. */
  MEMORY,
  /** The command was not run, since its budget was full. */
  REFUSED_PROCESSES,
  /** The command was not run, since its budget's starts stayed too fast. */
  REFUSED_RATE,
  /** The command was not run, since a required layer could not be made active. */
  REFUSED_CONTAINMENT,
  /** The caller cancelled the command. */
  CANCELLED,
  /** Guard could not do its job. */
  GUARD_ERROR;

  /** Tells whether a time limit of the command was over, which has an exit status for itself. */
  public boolean isTimeOver() {
    return this == TIMEOUT || this == CPU_TIME;
  }

  /** Answers the cause's name in reports. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
