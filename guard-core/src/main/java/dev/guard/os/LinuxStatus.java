package dev.guard.os;

import dev.guard.os.Libc.Arena;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Asks for the status of files by statx(2), which says all of it in one call. */
final class LinuxStatus {
  static final int NOFOLLOW = 0x100;
  private static final int EMPTY_PATH = 0x1000;
  private static final int AT_FDCWD = -100;
  private static final int BASIC_STATS = 0x7ff;
  // struct statx of linux/stat.h, alike on all architectures.
  private static final int SIZE = 256;
  private static final int LINKS = 16;
  private static final int UID = 20;
  private static final int MODE = 28;
  private static final int INODE = 32;
  private static final int BYTES = 40;
  private static final int CTIME_SECONDS = 96;
  private static final int CTIME_NANOS = 104;
  private static final int DEVICE_MAJOR = 136;
  private static final int DEVICE_MINOR = 140;
  // glibc has it since 2.28.
  private static final Libc STATX = new Libc("statx");

  private LinuxStatus() {}

  /** Asks for that of an open descriptor. */
  static FileStatus ofDescriptor(int descriptor) throws OsException {
    return of(descriptor, OsString.of(""), EMPTY_PATH)
        .orElseThrow(() -> STATX.failure("descriptor " + descriptor, Errno.EBADF));
  }

  /**
   * Asks for that of a path; empty when there is nothing of this name.
   *
   * @param flags {@link #NOFOLLOW}, or 0 to ask about what a link leads to
   */
  static Optional<FileStatus> ofPath(OsString path, int flags) throws OsException {
    return of(AT_FDCWD, path, flags);
  }

  /** Counts the links of a path without an exception where there is none: then it is 0. */
  static int links(OsString path) {
    try (Arena arena = new Arena()) {
      long found = arena.allocate(SIZE);
      boolean is =
          STATX.exists()
              && STATX.call(AT_FDCWD, arena.string(path), NOFOLLOW, BASIC_STATS, found) == 0;
      return is ? Libc.MEMORY.getInt(found + LINKS) : 0;
    }
  }

  private static Optional<FileStatus> of(int directory, OsString path, int flags)
      throws OsException {
    if (!STATX.exists()) {
      return byJava(directory, path, flags);
    }
    try (Arena arena = new Arena()) {
      long found = arena.allocate(SIZE);
      if (STATX.restarted(directory, arena.string(path), flags, BASIC_STATS, found) == 0) {
        return Optional.of(read(found));
      }
    }
    int errno = Libc.errno();
    if (errno == Errno.ENOENT || errno == Errno.ENOTDIR) {
      return Optional.empty();
    }
    if (errno == Errno.ENOSYS || errno == Errno.EPERM) {
      // The filter of a sandbox that is older than the call.
      return byJava(directory, path, flags);
    }
    throw STATX.failure(path.toString(), errno);
  }

  private static FileStatus read(long found) {
    long nanos =
        Libc.MEMORY.getLong(found + CTIME_SECONDS) * 1_000_000_000L
            + Libc.MEMORY.getInt(found + CTIME_NANOS);
    return new FileStatus(
        Libc.MEMORY.getShort(found + MODE) & 0xffff,
        Libc.MEMORY.getInt(found + UID),
        Libc.MEMORY.getInt(found + LINKS),
        Libc.MEMORY.getLong(found + BYTES),
        Libc.MEMORY.getLong(found + INODE),
        ((long) Libc.MEMORY.getInt(found + DEVICE_MAJOR) << 32)
            | (Libc.MEMORY.getInt(found + DEVICE_MINOR) & 0xffffffffL),
        nanos);
  }

  private static Optional<FileStatus> byJava(int directory, OsString path, int flags)
      throws OsException {
    Path file = Path.of(path.length() == 0 ? "/proc/self/fd/" + directory : path.toString());
    LinkOption[] options =
        flags == NOFOLLOW ? new LinkOption[] {LinkOption.NOFOLLOW_LINKS} : new LinkOption[0];
    try {
      Map<String, Object> found =
          Files.readAttributes(file, "unix:mode,uid,nlink,size,ino,dev,ctime", options);
      return Optional.of(
          new FileStatus(
              (int) found.get("mode"),
              (int) found.get("uid"),
              (int) found.get("nlink"),
              (long) found.get("size"),
              (long) found.get("ino"),
              (long) found.get("dev"),
              ((FileTime) found.get("ctime")).to(TimeUnit.NANOSECONDS)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw STATX.failure(path.toString(), Errno.EACCES);
    }
  }
}
