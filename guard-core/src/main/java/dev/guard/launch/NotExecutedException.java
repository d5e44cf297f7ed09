package dev.guard.launch;

import dev.guard.os.Errno;
import dev.guard.os.OsString;

/** Says that the command's program could not be executed: the command's failure, not Guard's. */
public final class NotExecutedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int exitCode;
  private final int errno;

  private NotExecutedException(String message, int exitCode, int errno) {
    super(message);
    this.exitCode = exitCode;
    this.errno = errno;
  }

  /** Says with the kernel's reason that this program could not be executed. */
  public static NotExecutedException of(OsString name, int errno) {
    String why =
        switch (errno) {
          case Errno.ENOENT -> "command not found";
          case Errno.ENOTDIR -> "not found, a part of its path is no directory";
          case Errno.EACCES -> "permission denied, or a directory";
          case Errno.ENOEXEC -> "not a program of this machine";
          case Errno.E2BIG -> "its arguments and environment are too long";
          default -> "can not be executed: " + Errno.text(errno);
        };
    return new NotExecutedException(name + ": " + why, errno == Errno.ENOENT ? 127 : 126, errno);
  }

  /** Answers 127 where nothing has this name, 126 for every other reason, as timeout(1) has it. */
  public int exitCode() {
    return exitCode;
  }

  /**
   * Tells whether the kernel did not know the file's format: a script without an interpreter line,
   * which the shell runs.
   */
  public boolean isShellScript() {
    return errno == Errno.ENOEXEC;
  }
}
