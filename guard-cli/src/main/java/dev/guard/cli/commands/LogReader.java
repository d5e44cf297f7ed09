package dev.guard.cli.commands;

import dev.guard.os.Os;
import dev.guard.os.OwnFiles;
import dev.guard.store.CommandLog;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads the two files of a log in their order, while the command writes: a file that is open here
 * is read to its end, whatever became of its name, and then the one that came after it.
 */
final class LogReader implements AutoCloseable {
  /**
   * The size that a file never exceeds: a lifeline may have put a block more into it than guard
   * does.
   */
  private static final long LARGEST = 2 * CommandLog.FULL;

  private final Path log;
  private final Path older;
  private Optional<Part> open;

  /** Holds a file of the log and the key that tells it from others, since its name changes. */
  private record Part(InputStream in, Object key) {}

  LogReader(Path log) throws IOException {
    this.log = log;
    this.older = CommandLog.older(log);
    this.open = open(older);
    if (open.isEmpty()) {
      open = open(log);
    }
    if (open.isEmpty()) {
      // In this moment the first file has got its other name.
      open = open(older);
    }
  }

  /** Copies the bytes that there are by now, and answers false when the log was removed. */
  boolean copy(PrintStream to) throws IOException {
    while (open.isPresent()) {
      // The next file is looked for before this one is read: a file that is no longer the newest
      // does not grow.
      Optional<Part> next = next();
      open.get().in().transferTo(to);
      if (next.isEmpty()) {
        return !isRemoved();
      }
      open.get().in().close();
      open = next;
    }
    return false;
  }

  private boolean isRemoved() throws IOException {
    return key(log).isEmpty() && key(older).isEmpty();
  }

  /** Answers the part after the one that is open; empty while there is none. */
  private Optional<Part> next() throws IOException {
    Optional<Object> mine = Optional.of(open.get().key());
    if (key(log).equals(mine)) {
      return Optional.empty();
    }
    // Where two files were full since the last look, the first of them has this name by now.
    return open(key(older).equals(mine) ? log : older);
  }

  private static Optional<Part> open(Path file) throws IOException {
    while (true) {
      Optional<Object> key = key(file);
      if (key.isEmpty()) {
        return Optional.empty();
      }
      try {
        InputStream in = OwnFiles.input(Os.linux(), file, LARGEST);
        if (key(file).equals(key)) {
          return Optional.of(new Part(in, key.get()));
        }
        in.close();
      } catch (NoSuchFileException e) {
        // The file is renamed in this moment: another one comes.
        continue;
      }
    }
  }

  private static Optional<Object> key(Path file) throws IOException {
    try {
      return Optional.of(Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() throws IOException {
    if (open.isPresent()) {
      open.get().in().close();
    }
  }
}
