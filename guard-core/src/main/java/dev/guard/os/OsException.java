package dev.guard.os;

import java.io.IOException;

/** Says that a system call failed: the operation, what it was done to, and errno. */
public final class OsException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /**
   * Makes one of what the call was, and of what the kernel said.
   *
   * @param operation the call and its object, e.g. {@code open /etc/passwd}
   * @param errno the errno, see errno(3)
   * @param text what strerror(3) says of it
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
