package dev.guard.os;

import dev.guard.os.Libc.Arena;

/** Works on paths by the C library. */
interface LinuxPaths extends PathCalls {
  int X_OK = 1;
  int PATH_MAX = 4096;
  // struct statvfs on 64-bit machines; glibc asks for room after it.
  int STATVFS_SIZE = 128;
  int F_FLAG = 72;
  long ST_RDONLY = 1;
  Libc GETCWD = new Libc("getcwd");
  Libc REALPATH = new Libc("realpath");
  Libc READLINK = new Libc("readlink");
  Libc RENAME = new Libc("rename");
  Libc MKFIFO = new Libc("mkfifo");
  Libc SYMLINK = new Libc("symlink");
  Libc UNLINK = new Libc("unlink");
  Libc MKDIR = new Libc("mkdir");
  Libc RMDIR = new Libc("rmdir");
  Libc EACCESS = new Libc("eaccess");
  Libc ACCESS = new Libc("access");
  Libc STATVFS = new Libc("statvfs");

  @Override
  default OsString workingDirectory() throws OsException {
    try (Arena arena = new Arena()) {
      long buffer = arena.allocate(PATH_MAX);
      if (GETCWD.callLong(buffer, PATH_MAX) == 0) {
        throw GETCWD.failure("", Libc.errno());
      }
      return OsString.ofBytes(Libc.MEMORY.getZeroTerminatedByteArray(buffer));
    }
  }

  @Override
  default OsString realPath(OsString path) throws OsException {
    try (Arena arena = new Arena()) {
      long buffer = arena.allocate(PATH_MAX);
      long name = arena.string(path);
      while (REALPATH.callLong(name, buffer) == 0) {
        if (Libc.errno() != Errno.EINTR) {
          throw REALPATH.failure(path.toString(), Libc.errno());
        }
      }
      return OsString.ofBytes(Libc.MEMORY.getZeroTerminatedByteArray(buffer));
    }
  }

  @Override
  default void rename(OsString from, OsString to) throws OsException {
    try (Arena arena = new Arena()) {
      RENAME.check(from + " to " + to, arena.string(from), arena.string(to));
    }
  }

  @Override
  default void makeFifo(OsString path) throws OsException {
    try (Arena arena = new Arena()) {
      MKFIFO.check(path.toString(), arena.string(path), 0600);
    }
  }

  @Override
  default void symbolicLink(OsString target, OsString path) throws OsException {
    try (Arena arena = new Arena()) {
      SYMLINK.check(path.toString(), arena.string(target), arena.string(path));
    }
  }

  @Override
  default void unlink(OsString path) throws OsException {
    try (Arena arena = new Arena()) {
      UNLINK.check(path.toString(), arena.string(path));
    }
  }

  @Override
  default void makeDirectory(OsString path, int mode) throws OsException {
    try (Arena arena = new Arena()) {
      MKDIR.check(path.toString(), arena.string(path), mode);
    }
  }

  @Override
  default void removeDirectory(OsString path) throws OsException {
    try (Arena arena = new Arena()) {
      RMDIR.check(path.toString(), arena.string(path));
    }
  }

  @Override
  default int executable(OsString path) {
    try (Arena arena = new Arena()) {
      int errno = access(arena.string(path));
      return errno == 0 && isDirectory(path) ? Errno.EACCES : errno;
    }
  }

  /** Calls eaccess(3), which filters that know no faccessat2(2) refuse with EPERM. */
  private static int access(long path) {
    if (EACCESS.restarted(path, X_OK) == 0) {
      return 0;
    }
    int errno = Libc.errno();
    if (errno != Errno.EPERM) {
      return errno;
    }
    return ACCESS.restarted(path, X_OK) == 0 ? 0 : Libc.errno();
  }

  @Override
  default boolean isDirectory(OsString path) {
    try (Arena arena = new Arena()) {
      return access(arena.string(path.concat(OsString.of("/.")))) == 0;
    }
  }

  @Override
  default boolean isReadOnly(OsString path) throws OsException {
    try (Arena arena = new Arena()) {
      long found = arena.allocate(STATVFS_SIZE);
      STATVFS.check(path.toString(), arena.string(path), found);
      return (Libc.MEMORY.getLong(found + F_FLAG) & ST_RDONLY) != 0;
    }
  }
}
