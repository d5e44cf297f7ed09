package dev.guard.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads files that the kernel makes up as they are read, and that may go away meanwhile. */
final class ProcFiles {
  // Most files of a process are shorter, so one read(2) has them and a second one sees their end.
  private static final int USUAL_BYTES = 1024;

  private ProcFiles() {}

  /** Reads a whole file; empty when the process that it is about has gone. */
  static Optional<byte[]> read(Path path) throws IOException {
    try (SeekableByteChannel file = Files.newByteChannel(path)) {
      // The bytes are read up to the end, not by size: the kernel's files say 0.
      ByteBuffer bytes = ByteBuffer.allocate(USUAL_BYTES);
      while (file.read(bytes) >= 0) {
        if (!bytes.hasRemaining()) {
          bytes = ByteBuffer.allocate(2 * bytes.capacity()).put(bytes.flip());
        }
      }
      return Optional.of(Arrays.copyOf(bytes.array(), bytes.position()));
    } catch (IOException e) {
      if (gone(e, path)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Lists a directory; empty when the process that it is about has gone. */
  static List<Path> list(Path directory) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(entries::add);
    } catch (DirectoryIteratorException e) {
      if (!gone(e.getCause(), directory)) {
        throw e.getCause();
      }
    } catch (IOException e) {
      if (!gone(e, directory)) {
        throw e;
      }
    }
    return entries;
  }

  /**
   * Tells that a process went away before the open (ENOENT) or before the read (ESRCH), by the
   * files that are there now: the text of an error is in the user's language.
   */
  private static boolean gone(IOException e, Path path) {
    return e instanceof NoSuchFileException
        || e instanceof NotDirectoryException
        || !Files.exists(path);
  }

  /** Adds the numbers of a text to a list. */
  static void addNumbers(byte[] text, List<Integer> into) {
    int number = -1;
    for (byte b : text) {
      if (b >= '0' && b <= '9') {
        number = Math.max(number, 0) * 10 + (b - '0');
      } else if (number >= 0) {
        into.add(number);
        number = -1;
      }
    }
    if (number >= 0) {
      into.add(number);
    }
  }

  /** Parses the numbers, one a line, of a file such as cgroup.procs. */
  static List<Integer> numbers(byte[] text) {
    List<Integer> numbers = new ArrayList<>();
    addNumbers(text, numbers);
    return numbers;
  }
}
