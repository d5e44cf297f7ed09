package dev.guard.config;

/** Measures how deeply the brackets of a TOML text nest, without recursion, unlike its parser. */
final class Nesting {
  private static final int MOST = 64;

  private final String text;
  private int at;

  private Nesting(String text) {
    this.text = text;
  }

  /** Tells whether the brackets of a text nest more deeply than any settings do. */
  static boolean isTooDeep(String text) {
    return new Nesting(text).deepest() > MOST;
  }

  private int deepest() {
    int depth = 0;
    int deepest = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      switch (c) {
        case '#' -> skipTo("\n", false);
        case '"', '\'' -> skipString(c);
        case '[', '{' -> deepest = Math.max(deepest, ++depth);
        case ']', '}' -> depth = Math.max(0, depth - 1);
        default -> {}
      }
      at++;
    }
    return deepest;
  }

  /** Goes to the last character of the string that begins here. */
  private void skipString(char quote) {
    String three = String.valueOf(quote).repeat(3);
    boolean isLong = text.startsWith(three, at);
    at += isLong ? 3 : 1;
    skipTo(isLong ? three : String.valueOf(quote), quote == '"');
  }

  /** Goes to the last character of {@code end}; a short string ends with its line in any case. */
  private void skipTo(String end, boolean hasEscapes) {
    while (at < text.length() && !text.startsWith(end, at)) {
      if (end.length() == 1 && text.charAt(at) == '\n') {
        return;
      }
      at += hasEscapes && text.charAt(at) == '\\' ? 2 : 1;
    }
    at += end.length() - 1;
  }
}
