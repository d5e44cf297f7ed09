package dev.guard.record;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.Os;
import dev.guard.os.OwnFiles;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Reads the files of the history as they were at one moment. All of them are open from the
 * beginning, so a rotation while they are read takes nothing away. One line at a time is in memory.
 */
public final class HistoryReader implements Closeable {
  // A report has at most the arguments that execve(2) takes, escaped.
  private static final int LONGEST_LINE = 16 << 20;
  private static final int BUFFER = 65_536;
  // Between two rotations there are some thousand commands.
  private static final int TRIES = 100;

  private final List<FileChannel> newestFirst = new ArrayList<>();
  private Optional<IOException> problem = Optional.empty();

  private HistoryReader() {}

  /**
   * Opens the files of the history.
   *
   * @param newestFirst their names; one that is not there is left out
   */
  static HistoryReader open(Os os, List<Path> newestFirst) throws IOException {
    for (int i = 0; i < TRIES; i++) {
      HistoryReader reader = new HistoryReader();
      try {
        List<Object> before = keys(newestFirst);
        for (Path file : newestFirst) {
          reader.add(os, file);
        }
        if (keys(newestFirst).equals(before)) {
          return reader;
        }
      } catch (IOException | RuntimeException | Error e) {
        reader.close();
        throw e;
      }
      // The files were rotated in between: one may be there twice, or not at all.
      reader.close();
    }
    throw new IOException(newestFirst.get(0) + " is renamed again and again; try later");
  }

  private void add(Os os, Path file) throws IOException {
    int descriptor;
    try {
      descriptor = OwnFiles.open(os, file, DescriptorCalls.Open.READ, History.LARGEST);
    } catch (NoSuchFileException e) {
      // There were never as many files, or this one was renamed in this moment, which its key
      // tells.
      return;
    } catch (OwnFiles.UnusableException e) {
      problem = Optional.of(problem.orElse(e));
      return;
    }
    try {
      newestFirst.add(
          FileChannel.open(Path.of("/proc/self/fd/" + descriptor), StandardOpenOption.READ));
    } finally {
      os.close(descriptor);
    }
  }

  /** Says why one of the files could not be used; the others are read all the same. */
  public Optional<IOException> problem() {
    return problem;
  }

  private static List<Object> keys(List<Path> files) throws IOException {
    List<Object> keys = new ArrayList<>();
    for (Path file : files) {
      try {
        keys.add(
            Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey());
      } catch (NoSuchFileException e) {
        keys.add("none");
      }
    }
    return keys;
  }

  /**
   * Hands over the commands, the first ended first; lines that are none are left out. This can be
   * called again.
   *
   * @param text only those are looked at whose line has this text
   * @param each answers whether to go on
   */
  public void read(String text, Predicate<EndedCommand> each) throws IOException {
    for (int i = newestFirst.size() - 1; i >= 0; i--) {
      if (!readOne(newestFirst.get(i), text, each)) {
        return;
      }
    }
  }

  private static boolean readOne(FileChannel file, String text, Predicate<EndedCommand> each)
      throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    byte[] bytes = buffer.array();
    boolean tooLong = false;
    file.position(0);
    while (file.read(buffer.clear()) > 0) {
      int start = 0;
      for (int i = 0; i < buffer.position(); i++) {
        if (bytes[i] == '\n') {
          line.write(bytes, start, i - start);
          start = i + 1;
          if (!tooLong && !tell(line, text, each)) {
            return false;
          }
          line.reset();
          tooLong = false;
        }
      }
      tooLong |= line.size() + buffer.position() - start > LONGEST_LINE;
      if (tooLong) {
        line.reset();
      } else {
        line.write(bytes, start, buffer.position() - start);
      }
    }
    return tooLong || tell(line, text, each);
  }

  private static boolean tell(
      ByteArrayOutputStream line, String text, Predicate<EndedCommand> each) {
    String whole = line.toString(StandardCharsets.UTF_8);
    return !whole.contains(text) || EndedCommand.parse(whole).filter(each.negate()).isEmpty();
  }

  @Override
  public void close() throws IOException {
    for (FileChannel file : newestFirst) {
      file.close();
    }
  }
}
