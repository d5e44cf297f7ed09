package dev.guard.exec.record;

import dev.guard.os.Os;
import dev.guard.os.OsString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The commands that have ended, one line of JSON each, in events.jsonl; when that is full it
 * becomes events.jsonl.1, and so on.
 */
public final class History {
  /** The size at which a file is full, in bytes. */
  static final long FULL = 8L << 20;

  /** How many full files are kept. */
  static final int KEPT = 4;

  private static final int OWNER_ONLY = 0600;

  private final Os os;
  private final StateDirectory state;

  /** Kept in a user's directory for state. */
  public History(Os os, StateDirectory state) {
    this.os = os;
    this.state = state;
  }

  /**
   * Adds a line.
   *
   * @param line one line with its newline
   * @throws IOException when it can not be written, or not wholly
   */
  public void append(String line) throws IOException {
    Path file = state.make().resolve("events.jsonl");
    int flags = Os.Open.WRITE | Os.Open.CREATE | Os.Open.APPEND | Os.Open.NOFOLLOW;
    int descriptor = os.open(OsString.of(file.toString()), flags, OWNER_ONLY);
    try {
      // One write(2) at the end of a file: lines of several guards do not mix. What a full disk has
      // cut off must not spoil the next one.
      String whole = isCutOff(file) ? "\n" + line : line;
      os.write(descriptor, whole.getBytes(StandardCharsets.UTF_8));
      if (Files.size(Path.of("/proc/self/fd/" + descriptor)) >= FULL && os.lock(descriptor)) {
        rotate(file, descriptor);
      }
    } finally {
      os.close(descriptor);
    }
  }

  private static boolean isCutOff(Path file) throws IOException {
    try (SeekableByteChannel in = Files.newByteChannel(file)) {
      ByteBuffer last = ByteBuffer.allocate(1);
      return in.size() > 0 && in.position(in.size() - 1).read(last) == 1 && last.get(0) != '\n';
    } catch (NoSuchFileException e) {
      // Rotated in this moment.
      return false;
    }
  }

  /** With the lock of the file, so that one guard does it; who has it open still writes to it. */
  private void rotate(Path file, int descriptor) throws IOException {
    if (!isStill(file, descriptor)) {
      return;
    }
    for (int i = KEPT; i > 0; i--) {
      Path from = i == 1 ? file : numbered(file, i - 1);
      if (Files.exists(from)) {
        os.rename(OsString.of(from.toString()), OsString.of(numbered(file, i).toString()));
      }
    }
  }

  private static boolean isStill(Path file, int descriptor) throws IOException {
    try {
      return Files.isSameFile(file, Path.of("/proc/self/fd/" + descriptor));
    } catch (NoSuchFileException e) {
      // Rotated a moment ago, and nobody has added a line since.
      return false;
    }
  }

  private static Path numbered(Path file, int number) {
    return file.resolveSibling(file.getFileName() + "." + number);
  }

  /**
   * Tells of commands, the first ended first; lines that are none are left out.
   *
   * @param text only those are looked at whose line has this text
   */
  public void read(String text, Consumer<EndedCommand> each) throws IOException {
    try (HistoryReader reader = reader()) {
      reader.read(
          text,
          e -> {
            each.accept(e);
            return true;
          });
    }
  }

  /** What there is at this moment, to be read as often as one likes. */
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
    return HistoryReader.open(newestFirst);
  }
}
