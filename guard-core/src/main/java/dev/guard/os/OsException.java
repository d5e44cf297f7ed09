package dev.guard.os;

import java.io.IOException;

/** Says that a system call failed: the operation, its object, and errno. */
public final class OsException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /**
   * Makes the exception of a call and of the kernel's answer.
   *
   * @param operation the call and its object, e.g. {@code open /etc/passwd}
   * @param errno the errno, see errno(3)
   * @param text the words of strerror(3) for the errno
   */
  public OsException(String operation, int errno, String text) {
    super(operation + ": " + text);
    this.errno = errno;
  }

  /** Answers the errno, see {@link Errno}. */
  public int errno() {
    return errno;
  }
}
