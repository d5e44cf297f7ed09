package dev.guard.store;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Takes the output of a detached command: a pipe, that Guard reads, and if Guard dies its lifeline;
 * and the file ID.log that it is written to. A full file becomes ID.log.1, in place of the one
 * before, so that a command that never stops writing does not fill the disk.
 *
 * <p>Bytes that a full disk does not take are lost, since the command must not stop for them: they
 * are counted, and said in the file as soon as there is room.
 */
public final class CommandLog extends OutputStream {
  /** The most bytes that one of the two files has. */
  public static final long FULL = 8L << 20;

  private static final int NONE = -1;

  private final Path directory;
  private final Os os;
  private final Optional<OsString> source;
  private int[] pipe = {NONE, NONE};
  private Path file;
  private FileChannel out;
  private long size;
  private boolean amidLine;
  private volatile long lost;
  private long unsaid;
  private long told;
  private volatile String why = "";
  private volatile LongConsumer listener = bytes -> {};

  /**
   * Opens a log in this directory, which is made where it is missing.
   *
   * @throws IOException also when no file can be made there
   */
  public CommandLog(Os os, Path directory) throws IOException {
    this(os, directory, Optional.empty());
    this.pipe = os.pipe();
  }

  private CommandLog(Os os, Path directory, Optional<OsString> source) throws IOException {
    this.os = os;
    this.directory = directory;
    this.source = source;
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory, StoreDirectory.PRIVATE);
    }
  }

  /**
   * Opens a log in this directory of what another process has a pipe for.
   *
   * @param source names the end to be read, which is opened when the log begins
   */
  public static CommandLog reading(Os os, Path directory, OsString source) throws IOException {
    return new CommandLog(os, directory, Optional.of(source));
  }

  /** Names the file of the command with this id, in the directory of logs. */
  public static Path file(Path directory, String id) {
    if (!CommandId.is(id)) {
      throw new IllegalArgumentException("no id of a command: " + id);
    }
    return directory.resolve(id + ".log");
  }

  /** Names the file that a full {@link #file} has become. */
  public static Path older(Path file) {
    return file.resolveSibling(file.getFileName() + ".1");
  }

  /** Tells people of output that a log has lost. */
  public static String missing(long bytes) {
    return bytes + " bytes of its output are missing, since its log could not be written";
  }

  /** Makes the file of this command. */
  public void begin(String id) throws IOException {
    file = file(directory, id);
    open();
    openSource();
  }

  /** Goes on with the file of this command. */
  public void resume(String id) throws IOException {
    file = file(directory, id);
    out =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS);
    size = out.size();
    openSource();
  }

  private void openSource() throws OsException {
    if (source.isPresent()) {
      int flags = DescriptorCalls.Open.READ | DescriptorCalls.Open.NONBLOCK;
      pipe = new int[] {os.open(source.get(), flags, 0), NONE};
    }
  }

  /**
   * Sets a listener for how much is lost: it is told at first, at each doubling, and when the log
   * goes on.
   */
  public void tellLost(LongConsumer to) {
    listener = to;
  }

  /** Answers the log's file, once there is one. */
  public Path file() {
    return file;
  }

  /** Answers how many bytes were lost so far. */
  public long lost() {
    return lost;
  }

  /** Tells in a sentence what was lost and why; empty when nothing was. */
  public String problem() {
    return lost == 0 ? "" : "the log: " + missing(lost) + ": " + why;
  }

  private void open() throws IOException {
    out =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.APPEND,
            LinkOption.NOFOLLOW_LINKS);
    size = 0;
  }

  public int readingEnd() {
    return pipe[0];
  }

  /** Answers the end that the command gets; negative: it has it from elsewhere. */
  public int writingEnd() {
    return pipe[1];
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  /** Writes as many bytes as there is room for; the rest is lost. */
  @Override
  public void write(byte[] bytes, int offset, int length) {
    ByteBuffer left = ByteBuffer.wrap(bytes, offset, length);
    try {
      sayLost();
      append(left);
    } catch (IOException e) {
      why = e.getMessage();
      unsaid += left.remaining();
      // The sum changes only here, so one thread writes it.
      long all = lost + left.remaining();
      lost = all;
      if (all >= 2 * told) {
        tell();
      }
    }
  }

  private void sayLost() throws IOException {
    if (unsaid > 0) {
      String line = "guard: " + unsaid + " bytes of output are missing here: " + why + "\n";
      append(ByteBuffer.wrap(((amidLine ? "\n" : "") + line).getBytes(StandardCharsets.UTF_8)));
      unsaid = 0;
      tell();
    }
  }

  private void tell() {
    told = lost;
    listener.accept(lost);
  }

  private void append(ByteBuffer bytes) throws IOException {
    int end = bytes.limit();
    while (bytes.hasRemaining()) {
      if (size >= FULL && out != null) {
        Files.move(file, older(file), StandardCopyOption.REPLACE_EXISTING);
        out.close();
        out = null;
      }
      if (out == null) {
        open();
      }
      bytes.limit((int) Math.min(end, bytes.position() + FULL - size));
      try {
        size += out.write(bytes);
      } finally {
        bytes.limit(end);
      }
      amidLine = bytes.get(bytes.position() - 1) != '\n';
    }
  }

  /** Closes the file, and removes it: the command has not run. */
  public void discard() throws IOException {
    close();
    if (file != null) {
      Files.deleteIfExists(file);
    }
  }

  /** Closes the file; the pipe belongs to the streams of the command. */
  @Override
  public void close() throws IOException {
    if (out == null) {
      return;
    }
    try {
      sayLost();
    } catch (IOException e) {
      why = e.getMessage();
    } finally {
      if (out != null) {
        out.close();
      }
    }
  }
}
