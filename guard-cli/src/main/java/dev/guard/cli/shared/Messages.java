package dev.guard.cli.shared;

import dev.guard.store.CommandLog;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Says what Guard has to say, always on stderr. */
public final class Messages {
  private Messages() {}

  /** Says how many bytes of output the log of a command has lost; 0: nothing. */
  public static void ofLost(String id, long bytes, Consumer<String> teller) {
    if (bytes > 0) {
      teller.accept("command " + id + ": " + CommandLog.missing(bytes));
    }
  }

  /** Answers the text of a failure, on one line. */
  public static String of(Throwable e) {
    boolean hasMessage = !(e instanceof Error) && e.getMessage() != null;
    return Texts.shown(hasMessage ? e.getMessage() : e.toString());
  }

  /**
   * Prints one line, in UTF-8 in every locale, so that names of files stay as they are. The name of
   * a file, a program or a process may hold a newline, or characters that a terminal obeys.
   */
  public static void print(String line) {
    System.err.writeBytes(bytes(line));
  }

  /** Answers the bytes of one line as {@link #print} writes them. */
  public static byte[] bytes(String line) {
    return ("guard: " + Texts.shown(line) + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
