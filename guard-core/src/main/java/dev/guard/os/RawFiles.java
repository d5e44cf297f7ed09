package dev.guard.os;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;

/** Whole files by a path of bytes, which java.nio can not name in every locale. */
public final class RawFiles {
  private RawFiles() {}

  /**
   * Reads a file; empty when there is none.
   *
   * @param limit the most bytes it may have; one more is an error
   */
  public static Optional<byte[]> read(Os os, OsString path, int limit) throws IOException {
    int fd;
    try {
      // O_NONBLOCK: a FIFO in place of the file must not hang us.
      fd = os.open(path, Os.Open.READ | Os.Open.NONBLOCK, 0);
    } catch (OsException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
        return Optional.empty();
      }
      throw e;
    }
    try {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      byte[] buffer = new byte[8192];
      int count;
      while ((count = os.read(fd, buffer)) > 0) {
        all.write(buffer, 0, count);
        if (all.size() > limit) {
          throw new IOException(path + " is larger than " + limit + " bytes");
        }
      }
      return Optional.of(all.toByteArray());
    } finally {
      os.close(fd);
    }
  }

  /** Makes or truncates a file and writes these bytes to it. */
  public static void write(Os os, OsString path, byte[] bytes) throws IOException {
    int fd = os.open(path, Os.Open.WRITE | Os.Open.CREATE | Os.Open.TRUNCATE, 0666);
    try {
      os.write(fd, bytes);
    } finally {
      os.close(fd);
    }
  }
}
