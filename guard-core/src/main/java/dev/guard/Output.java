package dev.guard;

import dev.guard.os.OsString;
import dev.guard.value.CommandOutput;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Names where the standard output or error of a command goes. One value serves any number of
 * commands, but for a stream that takes no writes from many threads.
 */
public final class Output {
  private final Supplier<CommandOutput> target;

  private Output(Supplier<CommandOutput> target) {
    this.target = target;
  }

  /** Shares this program's standard output or error with the command. This is the default. */
  public static Output inherit() {
    return new Output(CommandOutput.Inherit::new);
  }

  /** Drops the command's output. */
  public static Output discard() {
    return new Output(CommandOutput.Discard::new);
  }

  /**
   * Captures the command's output into the result. Bytes over the limit are read, counted and
   * dropped, so that the command never waits for them.
   *
   * @param limit bytes to keep, 0 or more
   */
  public static Output capture(int limit) {
    CommandOutput.Capture capture = new CommandOutput.Capture(limit);
    return new Output(() -> capture);
  }

  /**
   * Passes the command's output to a stream, from one thread, as it comes. The stream is flushed
   * and not closed. A stream that throws gets no more: the rest is dropped and the command goes on.
   * One that blocks holds the command up as a full pipe does, until its timeout.
   */
  public static Output stream(OutputStream stream) {
    return new Output(() -> new CommandOutput.Stream(stream));
  }

  /**
   * Passes the command's output to a consumer, line by line, as UTF-8, without the newlines, from
   * one thread. A line longer than 1 MiB comes in pieces. The last line comes before the result
   * also when it has no newline. What is said of a {@link #stream} that throws or blocks holds for
   * the consumer.
   */
  public static Output lines(Consumer<String> consumer) {
    return new Output(() -> new CommandOutput.Stream(new LineStream(consumer)));
  }

  /**
   * Writes the command's output to a file in the place of what that holds; the file is made if need
   * be. Use {@link #append} for two outputs in one file.
   *
   * @param file seen from this program's directory if it is relative
   */
  public static Output file(Path file) {
    return ofFile(file, false);
  }

  /**
   * Writes the command's output to the end of a file, which is made if need be.
   *
   * @param file seen from this program's directory if it is relative
   */
  public static Output append(Path file) {
    return ofFile(file, true);
  }

  private static Output ofFile(Path file, boolean append) {
    OsString path = OsString.of(file.toAbsolutePath().toString());
    return new Output(() -> new CommandOutput.File(path, append));
  }

  /** Opens the target for one command. */
  CommandOutput open() {
    return target.get();
  }

  /** Hands over the rest of a target that {@link #open} has answered. */
  static void finish(CommandOutput opened) {
    if (opened instanceof CommandOutput.Stream stream && stream.to() instanceof LineStream lines) {
      lines.finish();
    }
  }
}
