package dev.guard.os;

/**
 * Says that a command's main process has ended, and how: today its parent, which is this process,
 * knows that.
 */
public interface ExitSource {
  /** A descriptor that is readable when it has ended; -1 where there is none, so that one asks. */
  int pidfd();

  /** Whether it has ended. */
  boolean hasEnded() throws OsException;

  /** How it has ended; null as long as that was not seen by {@link #hasEnded}. */
  WaitStatus status();
}
