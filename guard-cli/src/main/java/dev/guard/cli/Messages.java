package dev.guard.cli;

import java.nio.charset.StandardCharsets;

/** What Guard says, always on stderr. */
final class Messages {
  private Messages() {}

  /** One line, in UTF-8 in every locale, so that names of files are what they are. */
  static void print(String line) {
    System.err.writeBytes(("guard: " + line + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
