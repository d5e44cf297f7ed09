package dev.guard.cli.setup;

/** Knows how the lines of a text end. */
final class Lines {
  private Lines() {}

  /** Answers what ends the lines of a text. */
  static String end(String text) {
    return text.contains("\r\n") ? "\r\n" : "\n";
  }

  /** Answers the text with an end of its last line; an empty text has none. */
  static String whole(String text) {
    return text.isEmpty() || text.endsWith("\n") ? text : text + end(text);
  }

  /** Answers where the line begins that an offset is in. */
  static int start(String text, int offset) {
    return text.lastIndexOf('\n', offset - 1) + 1;
  }

  /** Answers where the line after the one of an offset begins, or the length of the text. */
  static int next(String text, int offset) {
    int newline = text.indexOf('\n', offset);
    return newline < 0 ? text.length() : newline + 1;
  }
}
