package dev.guard.cli.setup;

import java.util.ArrayList;
import java.util.List;

/** Finds where the tables and values of a TOML text are that a real parser has taken. */
final class TomlScan {
  private final String text;
  private final List<Header> headers = new ArrayList<>();
  private final List<Entry> entries = new ArrayList<>();
  private List<String> table = List.of();
  private int at;

  private TomlScan(String text) {
    this.text = text;
  }

  /**
   * A line {@code [table]}.
   *
   * @param path of the table; of an array of tables it ends in an empty name
   * @param begin where the line begins
   * @param end where the next line begins
   */
  record Header(List<String> path, int begin, int end) {}

  /**
   * A value with its key.
   *
   * @param path from the root on
   * @param begin the offset of its key
   * @param value the offset of its first character
   * @param end the offset after its last one
   * @param brace the offset of the brace of the inline table that it is in; -1: it has its own line
   */
  record Entry(List<String> path, int begin, int value, int end, int brace) {}

  /** What is there, in the order of the text. */
  record Found(List<Header> headers, List<Entry> entries) {}

  static Found of(String text) {
    TomlScan scan = new TomlScan(text);
    scan.statements();
    return new Found(List.copyOf(scan.headers), List.copyOf(scan.entries));
  }

  private void statements() {
    if (text.startsWith("\u00ef\u00bb\u00bf")) {
      at = 3;
    }
    for (skip(); at < text.length(); skip()) {
      if (text.charAt(at) == '[') {
        header();
      } else {
        entry(table, -1);
      }
    }
  }

  private void header() {
    int begin = Lines.start(text, at);
    boolean isArray = text.startsWith("[[", at);
    at += isArray ? 2 : 1;
    List<String> path = new ArrayList<>(key());
    if (isArray) {
      path.add("");
    }
    table = List.copyOf(path);
    at = Lines.next(text, at);
    headers.add(new Header(table, begin, at));
  }

  private void entry(List<String> parent, int brace) {
    int begin = at;
    List<String> path = new ArrayList<>(parent);
    path.addAll(key());
    at++;
    blanks();
    int value = at;
    int index = entries.size();
    if (text.charAt(at) == '{') {
      inlineTable(path);
    } else {
      value();
    }
    entries.add(index, new Entry(List.copyOf(path), begin, value, at, brace));
  }

  private void inlineTable(List<String> path) {
    int brace = at++;
    for (skip(); text.charAt(at) != '}'; skip()) {
      if (text.charAt(at) == ',') {
        at++;
      } else {
        entry(path, brace);
      }
    }
    at++;
  }

  /** Reads a key up to the equals sign or bracket after it. */
  private List<String> key() {
    List<String> names = new ArrayList<>();
    while (true) {
      blanks();
      int begin = at;
      char first = text.charAt(at);
      if (first == '"' || first == '\'') {
        string();
        names.add(text.substring(begin + 1, at - 1));
      } else {
        while (Character.isLetterOrDigit(text.charAt(at)) || "_-".indexOf(text.charAt(at)) >= 0) {
          at++;
        }
        names.add(text.substring(begin, at));
      }
      blanks();
      if (text.charAt(at) != '.') {
        return names;
      }
      at++;
    }
  }

  private void value() {
    char first = text.charAt(at);
    if (first == '"' || first == '\'') {
      string();
    } else if (first == '[') {
      at++;
      for (skip(); text.charAt(at) != ']'; skip()) {
        if (text.charAt(at) == ',') {
          at++;
        } else if (text.charAt(at) == '{') {
          skipBraces();
        } else {
          value();
        }
      }
      at++;
    } else {
      int begin = at;
      while (at < text.length() && ",]}#\r\n".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      at = begin + text.substring(begin, at).stripTrailing().length();
    }
  }

  /** Passes an inline table in an array: no path leads into it. */
  private void skipBraces() {
    at++;
    for (skip(); text.charAt(at) != '}'; skip()) {
      if (text.charAt(at) == ',') {
        at++;
      } else {
        key();
        at++;
        blanks();
        if (text.charAt(at) == '{') {
          skipBraces();
        } else {
          value();
        }
      }
    }
    at++;
  }

  private void string() {
    String quote = text.substring(at, at + 1);
    if (text.startsWith(quote.repeat(3), at)) {
      at += 3;
      while (!text.startsWith(quote.repeat(3), at)) {
        at += quote.equals("\"") && text.charAt(at) == '\\' ? 2 : 1;
      }
      at += 3;
      // One or two more quotes are the last characters of the string.
      while (at < text.length() && text.startsWith(quote, at)) {
        at++;
      }
      return;
    }
    at++;
    while (!text.startsWith(quote, at)) {
      at += quote.equals("\"") && text.charAt(at) == '\\' ? 2 : 1;
    }
    at++;
  }

  private void blanks() {
    while (at < text.length() && " \t".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private void skip() {
    while (at < text.length()) {
      if (" \t\r\n".indexOf(text.charAt(at)) >= 0) {
        at++;
      } else if (text.charAt(at) == '#') {
        at = Lines.next(text, at);
      } else {
        return;
      }
    }
  }
}
