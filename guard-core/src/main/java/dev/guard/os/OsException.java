package dev.guard.os;

import java.io.IOException;

/** A system call that failed: the operation, what it was done to, and errno. */
public final class OsException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /**
   * @param operation the call and its object, e.g. {@code open /etc/passwd}
   * @param errno the errno, see errno(3)
   * @param text what strerror(3) says of it
   */
  public OsException(String operation, int errno, String text) {
    super(operation + ": " + text);
    this.errno = errno;
  }

  /** The errno, see {@link Errno}. */
  public int errno() {
    return errno;
  }
}
