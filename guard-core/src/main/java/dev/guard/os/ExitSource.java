package dev.guard.os;

/**
 * Says that a command's main process has ended, and how; today its parent, which is this process,
 * knows that.
 */
public interface ExitSource {
  /**
   * Answers a descriptor that is readable when the process has ended; -1 where there is none, so
   * that callers ask.
   */
  int pidfd();

  /**
   * Has this called when the process has ended, or may have, at once if it has already, on a thread
   * that must not wait.
   *
   * @return false where nobody tells that, so that callers wait at {@link #pidfd}
   */
  default boolean whenEnded(Runnable told) {
    return false;
  }

  /** Tells whether the process has ended. */
  boolean hasEnded() throws OsException;

  /**
   * Tells whether whoever looks after the process can act now; while a guard is stopped with its
   * command, as by Ctrl-Z, the command's time goes on, but its end has to wait.
   */
  default boolean isAttended() {
    return true;
  }

  /**
   * Tells whether nobody tells the end any more that was to be told by {@link #whenEnded}, so that
   * it has to be looked for.
   */
  default boolean mustBeLookedFor() {
    return false;
  }

  /** Answers how the process has ended; null as long as that was not seen by {@link #hasEnded}. */
  WaitStatus status();
}
