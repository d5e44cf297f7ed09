package dev.guard.exec.launch;

import dev.guard.os.Errno;
import dev.guard.os.OsString;

/** The command's program could not be executed: the command's failure, not Guard's. */
public final class NotExecutedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int exitCode;
  private final int errno;

  private NotExecutedException(String message, int exitCode, int errno) {
    super(message);
    this.exitCode = exitCode;
    this.errno = errno;
  }

  static NotExecutedException of(OsString name, int errno) {
    return switch (errno) {
      case Errno.ENOENT -> new NotExecutedException(name + ": command not found", 127, errno);
      case Errno.ENOTDIR ->
          new NotExecutedException(
              name + ": not found, a part of its path is no directory", 127, errno);
      case Errno.EACCES ->
          new NotExecutedException(name + ": permission denied, or a directory", 126, errno);
      case Errno.ENOEXEC ->
          new NotExecutedException(name + ": not a program of this machine", 126, errno);
      case Errno.E2BIG ->
          new NotExecutedException(
              name + ": its arguments and environment are too long", 126, errno);
      default ->
          new NotExecutedException(name + ": can not be executed, errno " + errno, 126, errno);
    };
  }

  /** 126 or 127, as a shell would say. */
  public int exitCode() {
    return exitCode;
  }

  /**
   * Whether the kernel did not know the file's format: a script without an interpreter line, which
   * the shell runs.
   */
  public boolean isShellScript() {
    return errno == Errno.ENOEXEC;
  }
}
