package dev.guard.os;

/** Calls that name a file by its path, without opening it. */
public interface PathCalls {
  /** Calls getcwd(3), as bytes. */
  OsString workingDirectory() throws OsException;

  /** Calls realpath(3), as bytes. */
  OsString realPath(OsString path) throws OsException;

  /** Calls rename(2). */
  void rename(OsString from, OsString to) throws OsException;

  /** Calls mkfifo(3) with mode 0600. */
  void makeFifo(OsString path) throws OsException;

  /** Calls symlink(2). */
  void symbolicLink(OsString target, OsString path) throws OsException;

  /** Calls unlink(2). */
  void unlink(OsString path) throws OsException;

  /** Calls mkdir(2). */
  void makeDirectory(OsString path, int mode) throws OsException;

  /** Calls rmdir(2). */
  void removeDirectory(OsString path) throws OsException;

  /**
   * Calls faccessat(2) with AT_EACCESS and X_OK, and answers 0 when the path is a program, or the
   * errno. Directories are EACCES.
   */
  int executable(OsString path);

  /**
   * Calls eaccess(3) with X_OK on path/. to tell whether that is a directory that can be entered. :
   * whether it is a directory that can be entered.
   */
  boolean isDirectory(OsString path);

  /** Calls statvfs(3) for ST_RDONLY, to tell whether the mount that a path is on is read-only. */
  boolean isReadOnly(OsString path) throws OsException;
}
