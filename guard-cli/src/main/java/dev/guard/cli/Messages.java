package dev.guard.cli;

/** What Guard says, always on stderr. */
final class Messages {
  private Messages() {}

  /** One line. */
  static void print(String line) {
    System.err.println("guard: " + line);
  }
}
