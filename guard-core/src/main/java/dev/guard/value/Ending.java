package dev.guard.value;

import dev.guard.os.WaitStatus;

/**
 * Says how the wait for a command's main process ended.
 *
 * @param reason why the wait is over
 * @param status the status of the main process, which has been waited for; null when it still runs
 */
public record Ending(Reason reason, WaitStatus status) {
  /** Says why the wait is over. */
  public enum Reason {
    /** The main process ended. */
    ENDED,
    /** The deadline passed first. */
    DEADLINE,
    /** The command was cancelled first. */
    CANCELLED,
    /** The kernel killed one of the command's processes for memory, and the others live. */
    OUT_OF_MEMORY,
    /** The tree has used up its processor time. */
    OUT_OF_CPU_TIME,
    /** The tree has more tasks than it may, where no kernel limit stops it. */
    TOO_MANY_TASKS
  }
}
