package dev.guard.cli.setup;

/** Says where a text is not what its format wants. */
final class SyntaxException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int line;

  /**
   * Makes the exception.
   *
   * @param line the line, from 1 on
   */
  SyntaxException(int line, String what) {
    super(what);
    this.line = line;
  }

  /** Makes the exception from an offset in the text. */
  static SyntaxException at(String text, int offset, String what) {
    int end = Math.min(offset, text.length());
    return new SyntaxException(
        1 + (int) text.chars().limit(end).filter(c -> c == '\n').count(), what);
  }

  /** Answers the line, from 1 on. */
  int line() {
    return line;
  }
}
