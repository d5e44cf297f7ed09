package dev.guard.cli.setup;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lines NAME=VALUE, as in a .env file: the last one of a name counts. */
class DotenvText implements Format {
  private static final Pattern LINE =
      Pattern.compile(
          "(?m)^[ \\t]*(?:export[ \\t]+)?([A-Za-z_][\\w.-]*)[ \\t]*=[ \\t]*(.*?)[ \\t\\r]*$");
  private static final Pattern PLAIN = Pattern.compile("[\\w@%+=:,./-]+");

  private static Optional<Matcher> find(String text, List<String> path) {
    Matcher line = LINE.matcher(text);
    Optional<Matcher> last = Optional.empty();
    while (line.find()) {
      if (line.group(1).equals(path.get(0))) {
        Matcher found = LINE.matcher(text);
        found.find(line.start());
        last = Optional.of(found);
      }
    }
    return last;
  }

  @Override
  public Map<List<String>, String> values(String text) {
    Map<String, String> byName = new TreeMap<>();
    Matcher line = LINE.matcher(text);
    while (line.find()) {
      byName.put(line.group(1), line.group(2));
    }
    Map<List<String>, String> values = new HashMap<>();
    byName.forEach((name, value) -> values.put(List.of(name), value));
    return values;
  }

  @Override
  public Optional<String> get(String text, List<String> path) {
    return find(text, path).map(m -> m.group(2));
  }

  @Override
  public String put(String text, List<String> path, String value) {
    Optional<Matcher> line = find(text, path);
    if (line.isPresent()) {
      return text.substring(0, line.get().start(2)) + value + text.substring(line.get().end(2));
    }
    String end = Lines.end(text);
    return Lines.whole(text) + path.get(0) + "=" + value + end;
  }

  @Override
  public String remove(String text, List<String> path) {
    Matcher line = find(text, path).orElseThrow();
    return text.substring(0, line.start()) + text.substring(Lines.next(text, line.end()));
  }

  @Override
  public String quoted(String value) {
    return PLAIN.matcher(value).matches() ? value : "\"" + value.replace("\"", "\\\"") + "\"";
  }
}
