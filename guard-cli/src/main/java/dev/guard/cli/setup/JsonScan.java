package dev.guard.cli.setup;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds where the values of a JSON text are; comments and a comma after the last value are taken,
 * as agents take them.
 */
final class JsonScan {
  private static final Pattern WORD = Pattern.compile("[-+.\\w]+");
  private static final int DEEPEST = 500;

  private final String text;
  // The same text for a strict parser: comments and last commas are spaces.
  private final StringBuilder strict;
  private int at;
  private int depth;

  private JsonScan(String text) {
    this.text = text;
    this.strict = new StringBuilder(text);
  }

  /**
   * A value's place in the text.
   *
   * @param begin the offset of its first character
   * @param end the offset after its last one
   * @param members of an object; empty for any other value
   */
  record Value(int begin, int end, List<Member> members) {}

  /**
   * A member of an object.
   *
   * @param name its name, as it is written, without the quotes
   * @param after the offset after the brace or comma before it
   * @param begin the offset of its name's quote
   * @param comma the offset of the comma after it; -1: there is none
   */
  record Member(String name, int after, int begin, Value value, int comma) {}

  /** Answers the one value of a text. */
  static Value of(String text) throws SyntaxException {
    return new JsonScan(text).whole();
  }

  /** Answers the text for a strict parser, with spaces in place of comments and last commas. */
  static String strict(String text) throws SyntaxException {
    JsonScan scan = new JsonScan(text);
    scan.whole();
    return scan.strict.toString();
  }

  private Value whole() throws SyntaxException {
    if (text.startsWith("\u00ef\u00bb\u00bf")) {
      // The byte order mark in UTF-8.
      strict.replace(0, 3, "   ");
      at = 3;
    }
    Value value = value();
    skip();
    if (at < text.length()) {
      throw problem("something follows the end");
    }
    return value;
  }

  private SyntaxException problem(String what) {
    return SyntaxException.at(text, at, what);
  }

  private void skip() throws SyntaxException {
    while (at < text.length()) {
      if (" \t\r\n".indexOf(text.charAt(at)) >= 0) {
        at++;
      } else if (text.startsWith("//", at)) {
        int end = text.indexOf('\n', at);
        blank(end < 0 ? text.length() : end);
      } else if (text.startsWith("/*", at)) {
        int end = text.indexOf("*/", at + 2);
        if (end < 0) {
          throw problem("a comment has no end");
        }
        blank(end + 2);
      } else {
        return;
      }
    }
  }

  private void blank(int end) {
    for (; at < end; at++) {
      if (text.charAt(at) != '\n') {
        strict.setCharAt(at, ' ');
      }
    }
  }

  private Value value() throws SyntaxException {
    skip();
    if (at == text.length()) {
      throw problem("a value is missing at the end");
    }
    int begin = at;
    List<Member> members = List.of();
    switch (text.charAt(at)) {
      case '{' -> members = all('}');
      case '[' -> all(']');
      case '"' -> string();
      default -> word();
    }
    return new Value(begin, at, members);
  }

  private void word() throws SyntaxException {
    Matcher word = WORD.matcher(text).region(at, text.length());
    if (!word.lookingAt()) {
      throw problem("a value is expected before '" + text.charAt(at) + "'");
    }
    at = word.end();
  }

  private void string() throws SyntaxException {
    int begin = at++;
    while (at < text.length() && text.charAt(at) != '"') {
      if (text.charAt(at) == '\n') {
        break;
      }
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    if (at >= text.length() || text.charAt(at) != '"') {
      at = begin;
      throw problem("a string has no end");
    }
    at++;
  }

  /** Reads what is between braces or brackets, and answers the members. */
  private List<Member> all(char close) throws SyntaxException {
    if (++depth > DEEPEST) {
      throw problem("more than " + DEEPEST + " values are inside each other");
    }
    List<Member> members = new ArrayList<>();
    int after = ++at;
    int comma = -1;
    for (skip(); at < text.length() && text.charAt(at) != close; skip()) {
      int begin = at;
      String name = close == '}' ? name() : "";
      Value value = value();
      skip();
      comma = at < text.length() && text.charAt(at) == ',' ? at++ : -1;
      members.add(new Member(name, after, begin, value, comma));
      after = at;
      if (comma < 0) {
        break;
      }
    }
    if (at >= text.length() || text.charAt(at) != close) {
      throw problem("'" + close + "' is missing");
    }
    if (comma >= 0) {
      strict.setCharAt(comma, ' ');
    }
    at++;
    depth--;
    return close == '}' ? members : List.of();
  }

  private String name() throws SyntaxException {
    if (text.charAt(at) != '"') {
      throw problem("a name in quotes is expected before '" + text.charAt(at) + "'");
    }
    int begin = at + 1;
    string();
    String name = text.substring(begin, at - 1);
    skip();
    if (at >= text.length() || text.charAt(at) != ':') {
      throw problem("':' is missing");
    }
    at++;
    return name;
  }
}
