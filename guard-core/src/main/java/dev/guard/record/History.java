package dev.guard.record;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.FileStatus;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.OwnFiles;
import dev.guard.store.StateDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Keeps the commands that have ended, one line of JSON each, in events.jsonl; when that is full it
 * becomes events.jsonl.1, and so on.
 */
public final class History {
  /** The size in bytes at which a file of the history is full. */
  static final long FULL = 8L << 20;

  /** The number of full files that are kept. */
  static final int KEPT = 4;

  /** The most bytes that a file has after its last line, which may be a long one. */
  static final long LARGEST = 3 * FULL;

  private static final long PATIENCE_NANOS = 1_000_000_000L;
  private static final long PAUSE_NANOS = 1_000_000L;

  private final Os os;
  private final StateDirectory state;

  /** Opens the history in a user's directory for state. */
  public History(Os os, StateDirectory state) {
    this.os = os;
    this.state = state;
  }

  /**
   * Adds a line.
   *
   * @param line one line with its newline
   * @throws IOException when the line can not be written, or not wholly
   */
  public void append(String line) throws IOException {
    Path file = state.make().resolve("events.jsonl");
    boolean written = false;
    while (!written) {
      int flags =
          DescriptorCalls.Open.READ_WRITE
              | DescriptorCalls.Open.CREATE
              | DescriptorCalls.Open.APPEND;
      int descriptor = OwnFiles.open(os, file, flags, Long.MAX_VALUE);
      try {
        boolean alone = lock(descriptor);
        // A guard that waited for the lock may have the file that the one before has made full.
        FileStatus opened = FileStatus.of(descriptor);
        written = !alone || isStill(file, opened);
        if (written) {
          append(file, descriptor, line, alone, opened.size());
        }
      } finally {
        os.close(descriptor);
      }
    }
  }

  /**
   * Locks a file of the history, but not for ever: another guard that has the lock for longer does
   * not keep this one from writing, since one write(2) mixes with no other.
   */
  private boolean lock(int descriptor) throws IOException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    boolean locked = os.lock(descriptor);
    while (!locked && System.nanoTime() < deadline) {
      LockSupport.parkNanos(PAUSE_NANOS);
      locked = os.lock(descriptor);
    }
    return locked;
  }

  /**
   * Appends a line. A line that a full disk has cut off must not spoil this one; a line that is
   * just being written is not cut off.
   */
  private void append(Path file, int descriptor, String line, boolean alone, long size)
      throws IOException {
    String whole = alone && size > 0 && isCutOff(descriptor, size) ? "\n" + line : line;
    byte[] bytes = whole.getBytes(StandardCharsets.UTF_8);
    os.write(descriptor, bytes);
    if (alone && size + bytes.length >= FULL) {
      rotate(file);
    }
  }

  private boolean isCutOff(int descriptor, long size) throws IOException {
    return os.byteAt(descriptor, size - 1) != '\n';
  }

  /**
   * Renames the full file under its lock, so that one guard does it; a guard that has it open still
   * writes to it.
   */
  private void rotate(Path file) throws IOException {
    for (int i = KEPT; i > 0; i--) {
      Path from = i == 1 ? file : numbered(file, i - 1);
      if (Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
        os.rename(OsString.of(from.toString()), OsString.of(numbered(file, i).toString()));
      }
    }
  }

  /** Tells that the file was not rotated a moment ago. */
  private static boolean isStill(Path file, FileStatus opened) throws IOException {
    return FileStatus.of(file).filter(opened::isSameFile).isPresent();
  }

  private static Path numbered(Path file, int number) {
    return file.resolveSibling(file.getFileName() + "." + number);
  }

  /**
   * Hands over the commands, the first ended first; lines that are none are left out.
   *
   * @param text only those are looked at whose line has this text
   * @throws OwnFiles.UnusableException when a file is no history; the others have been read
   */
  public void read(String text, Consumer<EndedCommand> each) throws IOException {
    try (HistoryReader reader = reader()) {
      reader.read(
          text,
          e -> {
            each.accept(e);
            return true;
          });
      if (reader.problem().isPresent()) {
        throw reader.problem().get();
      }
    }
  }

  /** Opens the files that there are at this moment, to be read as often as one likes. */
  public HistoryReader reader() throws IOException {
    Optional<Path> directory = state.find();
    List<Path> newestFirst = new ArrayList<>();
    if (directory.isPresent()) {
      Path file = directory.get().resolve("events.jsonl");
      newestFirst.add(file);
      for (int i = 1; i <= KEPT; i++) {
        newestFirst.add(numbered(file, i));
      }
    }
    return HistoryReader.open(os, newestFirst);
  }
}
