package dev.guard.os;

/**
 * Names the errno values that Guard tells apart, which are the same numbers on every Linux
 * architecture that Guard runs on.
 */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int E2BIG = 7;
  public static final int ENOEXEC = 8;
  public static final int EBADF = 9;
  public static final int ECHILD = 10;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EEXIST = 17;
  public static final int ENODEV = 19;
  public static final int ENOTDIR = 20;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int ENAMETOOLONG = 36;
  public static final int ENOPROTOOPT = 92;
  public static final int ECONNABORTED = 103;
  public static final int ECONNRESET = 104;
  public static final int ECONNREFUSED = 111;
  public static final int ETIMEDOUT = 110;
  public static final int ESTALE = 116;
  public static final int EPIPE = 32;
  public static final int ENOSYS = 38;

  /** Says in words what an errno means, see strerror(3). */
  public static String text(int errno) {
    return Libc.text(errno);
  }

  private Errno() {}
}
