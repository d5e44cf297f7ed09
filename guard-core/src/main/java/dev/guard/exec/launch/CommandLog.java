package dev.guard.exec.launch;

import dev.guard.exec.admission.CommandId;
import dev.guard.exec.admission.StoreDirectory;
import dev.guard.os.Os;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The output of a detached command: a pipe, that Guard reads, and if Guard dies its lifeline; and
 * the file ID.log that it is written to. A full one becomes ID.log.1, and that one goes, so that a
 * command that never stops writing does not fill the disk.
 */
public final class CommandLog extends OutputStream {
  /** The most bytes that one of the two files has. */
  public static final long FULL = 8L << 20;

  private final Path directory;
  private final int[] pipe;
  private Path file;
  private OutputStream out;
  private long size;

  /**
   * A log in this directory, which is made where it is missing.
   *
   * @throws IOException also when no file can be made there
   */
  public CommandLog(Os os, Path directory) throws IOException {
    this.directory = directory;
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory, StoreDirectory.PRIVATE);
    }
    this.pipe = os.pipe();
  }

  /** The file of the command with this id, in the directory of logs. */
  public static Path file(Path directory, String id) {
    if (!CommandId.is(id)) {
      throw new IllegalArgumentException("no id of a command: " + id);
    }
    return directory.resolve(id + ".log");
  }

  /** What {@link #file} was when it was full. */
  public static Path older(Path file) {
    return file.resolveSibling(file.getFileName() + ".1");
  }

  /** Makes the file of this command. */
  public void begin(String id) throws IOException {
    file = file(directory, id);
    open();
  }

  /** The file, once there is one. */
  public Path file() {
    return file;
  }

  private void open() throws IOException {
    out =
        Files.newOutputStream(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.APPEND,
            LinkOption.NOFOLLOW_LINKS);
    size = 0;
  }

  int readingEnd() {
    return pipe[0];
  }

  int writingEnd() {
    return pipe[1];
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int at = offset;
    int left = length;
    while (left > 0) {
      if (size >= FULL) {
        out.close();
        Files.move(file, older(file), StandardCopyOption.REPLACE_EXISTING);
        open();
      }
      int part = (int) Math.min(left, FULL - size);
      out.write(bytes, at, part);
      size += part;
      at += part;
      left -= part;
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
    if (out != null) {
      out.close();
    }
  }
}
