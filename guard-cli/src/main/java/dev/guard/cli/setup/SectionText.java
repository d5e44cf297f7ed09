package dev.guard.cli.setup;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A section of Guard's own between two comments in a text for people and models, at its end when it
 * is new.
 */
final class SectionText implements Format {
  /** The path of the section, which is the one value of such a text. */
  static final List<String> SECTION = List.of("the section of Guard");

  private static final String BEGIN = "<!-- guard setup: begin -->";
  private static final String END = "<!-- guard setup: end -->";
  private static final List<String> REST = List.of("the rest");

  private record Span(int begin, int end) {}

  private static Optional<Span> find(String text) throws SyntaxException {
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END, Math.max(0, begin));
    if (begin < 0 && end < 0) {
      return Optional.empty();
    }
    if (begin < 0 || end < 0) {
      throw SyntaxException.at(
          text, Math.max(begin, end), "of \"" + BEGIN + "\" and \"" + END + "\" only one is there");
    }
    return Optional.of(new Span(begin, end + END.length()));
  }

  @Override
  public Map<List<String>, String> values(String text) throws SyntaxException {
    Map<List<String>, String> values = new HashMap<>();
    get(text, SECTION).ifPresent(section -> values.put(SECTION, section));
    String rest = find(text).isPresent() ? remove(text, SECTION) : text;
    values.put(REST, rest.stripTrailing());
    return values;
  }

  @Override
  public Optional<String> get(String text, List<String> path) throws SyntaxException {
    return find(text)
        .map(s -> text.substring(s.begin + BEGIN.length(), s.end - END.length()).strip())
        .map(section -> section.replace("\r\n", "\n"));
  }

  @Override
  public String put(String text, List<String> path, String value) throws SyntaxException {
    String end = Lines.end(text);
    String section = String.join("\n", BEGIN, value, END).replace("\n", end);
    Optional<Span> old = find(text);
    if (old.isPresent()) {
      return text.substring(0, old.get().begin) + section + text.substring(old.get().end);
    }
    return Lines.whole(text) + (text.isEmpty() ? "" : end) + section + end;
  }

  @Override
  public String remove(String text, List<String> path) throws SyntaxException {
    Span span = find(text).orElseThrow();
    int begin = Lines.start(text, span.begin);
    String empty = Lines.end(text);
    // The empty line before it came with it.
    if (text.startsWith(empty, begin - empty.length())
        && (begin == empty.length() || text.startsWith("\n", begin - empty.length() - 1))) {
      begin -= empty.length();
    }
    return text.substring(0, begin) + text.substring(Lines.next(text, span.end));
  }
}
