package dev.guard.cli;

import java.nio.charset.StandardCharsets;

/** What Guard says, always on stderr. */
final class Messages {
  private Messages() {}

  /** What a failure says, on one line. */
  static String of(Throwable e) {
    boolean hasMessage = !(e instanceof Error) && e.getMessage() != null;
    return Texts.shown(hasMessage ? e.getMessage() : e.toString());
  }

  /** One line, in UTF-8 in every locale, so that names of files are what they are. */
  static void print(String line) {
    System.err.writeBytes(("guard: " + line + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
