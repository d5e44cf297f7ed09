package dev.guard.value;

import dev.guard.os.WaitStatus;

/**
 * The end of the wait for a command's main process has a reason, and with it a status.
 *
 * @param reason why the wait is over
 * @param status of the main process, which has been waited for; null when it still runs
 */
public record Ending(Reason reason, WaitStatus status) {
  /** Why the wait is over. */
  public enum Reason {
    /** The main process ended. */
    ENDED,
    /** The deadline passed first. */
    DEADLINE,
    /** It was cancelled first. */
    CANCELLED,
    /** The kernel killed one of its processes for memory, and the others live. */
    OUT_OF_MEMORY,
    /** The tree has used up its processor time. */
    OUT_OF_CPU_TIME,
    /** It has more tasks than it may, where no kernel limit stops it. */
    TOO_MANY_TASKS
  }
}
