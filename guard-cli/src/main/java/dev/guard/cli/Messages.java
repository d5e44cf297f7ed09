package dev.guard.cli;

import java.nio.charset.StandardCharsets;

/** What Guard says, always on stderr. */
final class Messages {
  private Messages() {}

  /**
   * One line, in UTF-8 in every locale, so that names of files are what they are. What a file, a
   * program or a process is called may hold a newline, or what a terminal obeys.
   */
  static void print(String line) {
    String text = "guard: " + Texts.shown(line) + "\n";
    System.err.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }
}
