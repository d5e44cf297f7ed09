package dev.guard.os;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Opens, reads and writes whole files by paths of bytes, which java.nio can not name in every
 * locale. Other programs of the user may put anything in the place of a file at any moment, so an
 * open waits for nothing, and the opened file is examined by its descriptor.
 */
public final class RawFiles {
  private static final int OWNER_ONLY = 0600;
  private static final Set<Integer> NO_FILE =
      Set.of(Errno.ENOENT, Errno.ENOTDIR, Errno.ENAMETOOLONG);

  private RawFiles() {}

  /** Tells whether an error of a call says that there is no file of this name. */
  public static boolean isNoFile(OsException e) {
    return NO_FILE.contains(e.errno());
  }

  /** Refuses a file by its attributes. */
  @FunctionalInterface
  interface Examination {
    /**
     * Throws the refusal where the file is not to be used.
     *
     * @param status of the open descriptor: the name may be another file's by now
     */
    void examine(FileStatus status) throws IOException;
  }

  /** Opens a file that may be anything by now; one that the examination refuses is closed again. */
  static int open(Os os, OsString path, int flags, Examination examination) throws IOException {
    // O_NONBLOCK is set, since the open of a FIFO waits for its other end.
    return examined(
        os, os.open(path, flags | DescriptorCalls.Open.NONBLOCK, OWNER_ONLY), examination);
  }

  private static int examined(Os os, int descriptor, Examination examination) throws IOException {
    try {
      examination.examine(FileStatus.of(descriptor));
      return descriptor;
    } catch (IOException | RuntimeException | Error e) {
      os.close(descriptor);
      throw e;
    }
  }

  /**
   * Reads a descriptor up to the end, and closes it.
   *
   * @param limit the most bytes that are wanted; empty when there are more
   * @param name the file's name in a message
   */
  static Optional<byte[]> readAndClose(Os os, int descriptor, int limit, String name)
      throws IOException {
    try {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      byte[] buffer = new byte[8192];
      int count;
      while ((count = os.read(descriptor, buffer)) != 0) {
        if (count < 0) {
          // An answer of "nothing now", taken for the end, would make a damaged file of a whole
          // one.
          throw new IOException(name + " can not be read now; try again");
        }
        all.write(buffer, 0, count);
        if (all.size() > limit) {
          return Optional.empty();
        }
      }
      return Optional.of(all.toByteArray());
    } finally {
      os.close(descriptor);
    }
  }

  /**
   * Finds out which user owns a file, a directory, or a symbolic link itself.
   *
   * @param flags {@link DescriptorCalls.Open#NOFOLLOW}, or 0 to ask about what a link leads to
   */
  public static int owner(Os os, OsString path, int flags) throws IOException {
    int fd = os.open(path, DescriptorCalls.Open.PATH | flags, 0);
    try {
      return FileStatus.of(fd).user();
    } finally {
      os.close(fd);
    }
  }

  /**
   * Reads a regular file, of whatever user; empty when there is none. Anything else in its place is
   * an error.
   *
   * @param limit the most bytes that the file may have; one more is an error
   */
  public static Optional<byte[]> read(Os os, OsString path, int limit) throws IOException {
    OptionalInt opened =
        os.openIfThere(path, DescriptorCalls.Open.READ | DescriptorCalls.Open.NONBLOCK);
    if (opened.isEmpty()) {
      return Optional.empty();
    }
    int descriptor = examined(os, opened.getAsInt(), RawFiles::requireRegular);
    Optional<byte[]> all = readAndClose(os, descriptor, limit, "it");
    if (all.isEmpty()) {
      throw new IOException("larger than " + limit + " bytes");
    }
    return all;
  }

  private static void requireRegular(FileStatus status) throws IOException {
    if (!status.isRegular()) {
      throw new IOException("not a regular file");
    }
  }

  /** Makes a file that must not exist yet and writes these bytes to it. */
  public static void create(Os os, OsString path, byte[] bytes) throws IOException {
    create(os, path, bytes, 0666);
  }

  private static void create(Os os, OsString path, byte[] bytes, int mode) throws IOException {
    int flags =
        DescriptorCalls.Open.WRITE
            | DescriptorCalls.Open.CREATE
            | DescriptorCalls.Open.EXCLUSIVE
            | DescriptorCalls.Open.NOFOLLOW;
    int descriptor = os.open(path, flags, mode);
    try {
      os.write(descriptor, bytes);
    } finally {
      os.close(descriptor);
    }
  }

  /**
   * Writes a file that only its owner can read, whole at any moment, in place of the one that has
   * its name.
   *
   * @param fresh the file's name until it is whole; a file that has this name is removed
   */
  public static void replace(Os os, OsString file, OsString fresh, byte[] bytes)
      throws IOException {
    try {
      createAnew(os, fresh, bytes);
      os.rename(fresh, file);
    } catch (IOException e) {
      // Of a file that was cut off nothing is kept, so that a full disk has room again.
      try {
        remove(os, fresh);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  private static void createAnew(Os os, OsString fresh, byte[] bytes) throws IOException {
    try {
      create(os, fresh, bytes, OWNER_ONLY);
    } catch (OsException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
      // It was left by a guard that was killed in between.
      remove(os, fresh);
      create(os, fresh, bytes, OWNER_ONLY);
    }
  }

  /** Removes a file or an empty directory. A second call has no effect. */
  public static void remove(Os os, OsString path) throws OsException {
    try {
      os.unlink(path);
    } catch (OsException e) {
      if (e.errno() == Errno.EISDIR) {
        os.removeDirectory(path);
      } else if (e.errno() != Errno.ENOENT) {
        throw e;
      }
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
