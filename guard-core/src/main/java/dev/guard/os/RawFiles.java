package dev.guard.os;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Whole files by a path of bytes, which java.nio can not name in every locale. */
public final class RawFiles {
  private static final Set<Integer> NO_FILE =
      Set.of(Errno.ENOENT, Errno.ENOTDIR, Errno.ENAMETOOLONG);

  private RawFiles() {}

  /** Whether an error of a call says that there is no file of this name. */
  public static boolean isNoFile(OsException e) {
    return NO_FILE.contains(e.errno());
  }

  /**
   * Finds out which user owns a file, a directory, or a symbolic link itself.
   *
   * @param flags {@link Os.Open#NOFOLLOW}, or 0 to ask about what a link leads to
   */
  public static int owner(Os os, OsString path, int flags) throws IOException {
    int fd = os.open(path, Os.Open.PATH | flags, 0);
    try {
      return (int) Files.getAttribute(Path.of("/proc/self/fd/" + fd), "unix:uid");
    } finally {
      os.close(fd);
    }
  }

  /**
   * Reads a regular file; empty when there is none. Anything else in its place is an error.
   *
   * @param limit the most bytes it may have; one more is an error
   */
  public static Optional<byte[]> read(Os os, OsString path, int limit) throws IOException {
    int fd;
    try {
      // O_NONBLOCK: a FIFO in place of the file must not hang us.
      fd = os.open(path, Os.Open.READ | Os.Open.NONBLOCK, 0);
    } catch (OsException e) {
      if (isNoFile(e)) {
        return Optional.empty();
      }
      throw e;
    }
    try {
      if (!Files.isRegularFile(Path.of("/proc/self/fd/" + fd))) {
        throw new IOException("not a regular file");
      }
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      byte[] buffer = new byte[8192];
      int count;
      while ((count = os.read(fd, buffer)) != 0) {
        if (count < 0) {
          // Taken for the end, it would make an empty file of a full one.
          throw new IOException("it can not be read now; try again");
        }
        all.write(buffer, 0, count);
        if (all.size() > limit) {
          throw new IOException("larger than " + limit + " bytes");
        }
      }
      return Optional.of(all.toByteArray());
    } finally {
      os.close(fd);
    }
  }

  /** Makes a file that must not exist yet and writes these bytes to it. */
  public static void create(Os os, OsString path, byte[] bytes) throws IOException {
    int fd = os.open(path, Os.Open.WRITE | Os.Open.CREATE | Os.Open.EXCLUSIVE, 0666);
    try {
      os.write(fd, bytes);
    } finally {
      os.close(fd);
    }
  }

  /** Makes a directory and those above it where they are missing. */
  public static void makeDirectories(Os os, OsString path) throws IOException {
    try {
      os.makeDirectory(path, 0777);
    } catch (OsException e) {
      int slash = path.lastIndexOf('/');
      if (e.errno() == Errno.ENOENT && slash > 0) {
        makeDirectories(os, path.slice(0, slash));
        os.makeDirectory(path, 0777);
      } else if (e.errno() != Errno.EEXIST) {
        throw e;
      }
    }
  }
}
