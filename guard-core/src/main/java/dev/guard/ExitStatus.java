package dev.guard;

/**
 * Tells how the main process of a command ended, see wait(2).
 *
 * @param code the exit code, 0 to 255; -1 when a signal ended it
 * @param signal the number of the signal that ended it; 0 when it exited
 */
public record ExitStatus(int code, int signal) {
  /** Answers the status as a shell shows it: the exit code, or 128 and the signal. */
  public int shellStatus() {
    return signal == 0 ? code : 128 + signal;
  }
}
