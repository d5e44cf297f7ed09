package dev.guard.cli.setup;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonPrimitive;
import dev.guard.cli.setup.TomlScan.Entry;
import dev.guard.cli.setup.TomlScan.Found;
import dev.guard.cli.setup.TomlScan.Header;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/** TOML: a new key is the first one of its table, in whatever way that is written. */
final class TomlText implements Format {
  private static final Gson PLAIN = new GsonBuilder().disableHtmlEscaping().create();

  @Override
  public Map<List<String>, String> values(String text) throws SyntaxException {
    Map<List<String>, String> values = new HashMap<>();
    flatten(parsed(text), List.of(), values);
    return values;
  }

  static TomlTable parsed(String text) throws SyntaxException {
    TomlParseResult result = Toml.parse(Utf8.decoded(text));
    if (result.hasErrors()) {
      TomlParseError first = result.errors().get(0);
      throw new SyntaxException(
          first.position().line(), "it is no valid TOML: " + String.valueOf(first.getMessage()));
    }
    return result;
  }

  private static void flatten(
      TomlTable table, List<String> path, Map<List<String>, String> values) {
    for (String name : table.keySet()) {
      List<String> below = new ArrayList<>(path);
      below.add(name);
      Object value = table.get(List.of(name));
      if (value instanceof TomlTable inner) {
        flatten(inner, below, values);
      } else if (value instanceof TomlArray array) {
        values.put(below, array.toJson());
      } else {
        values.put(below, value.getClass().getSimpleName() + " " + value);
      }
    }
  }

  private static Optional<Entry> find(String text, List<String> path) throws SyntaxException {
    parsed(text);
    return TomlScan.of(text).entries().stream().filter(e -> e.path().equals(path)).findFirst();
  }

  @Override
  public Optional<String> get(String text, List<String> path) throws SyntaxException {
    return find(text, path).map(e -> text.substring(e.value(), e.end()));
  }

  @Override
  public String put(String text, List<String> path, String value) throws SyntaxException {
    Optional<Entry> old = find(text, path);
    if (old.isPresent()) {
      return text.substring(0, old.get().value()) + value + text.substring(old.get().end());
    }
    Found found = TomlScan.of(text);
    for (int n = path.size() - 1; n > 0; n--) {
      List<String> parent = path.subList(0, n);
      String line = String.join(".", path.subList(n, path.size())) + " = " + value;
      Optional<Entry> inline =
          found.entries().stream().filter(e -> e.path().equals(parent)).findFirst();
      if (inline.isPresent()) {
        return inBraces(text, inline.get(), line);
      }
      Optional<Header> header =
          found.headers().stream().filter(h -> h.path().equals(parent)).findFirst();
      if (header.isPresent()) {
        int at = header.get().end();
        String before = Lines.whole(text.substring(0, at));
        return before + line + Lines.end(text) + text.substring(at);
      }
    }
    return inNewTable(text, found, path, value);
  }

  private static String inBraces(String text, Entry table, String line) throws SyntaxException {
    int at = table.value() + 1;
    if (text.charAt(table.value()) != '{') {
      throw SyntaxException.at(
          text, table.value(), String.join(".", table.path()) + " is no table");
    }
    String inside = text.substring(at, table.end() - 1);
    if (inside.isBlank()) {
      return text.substring(0, at) + " " + line + " " + text.substring(table.end() - 1);
    }
    int first = at + inside.length() - inside.stripLeading().length();
    return text.substring(0, first) + line + ", " + text.substring(first);
  }

  /** A table that dotted keys of the root have made can have no header. */
  private static String inNewTable(String text, Found found, List<String> path, String value) {
    String end = Lines.end(text);
    int root = found.headers().isEmpty() ? text.length() : found.headers().get(0).begin();
    Optional<Entry> dotted =
        found.entries().stream()
            .filter(e -> e.begin() < root && e.path().get(0).equals(path.get(0)))
            .findFirst();
    if (dotted.isPresent()) {
      int at = Lines.start(text, dotted.get().begin());
      String line = String.join(".", path) + " = " + value + end;
      return text.substring(0, at) + line + text.substring(at);
    }
    if (path.size() == 1) {
      return Lines.whole(text.substring(0, root))
          + path.get(0)
          + " = "
          + value
          + end
          + text.substring(root);
    }
    String key = String.join(".", path.subList(1, path.size()));
    return Lines.whole(text)
        + (text.isEmpty() ? "" : end)
        + ("[" + path.get(0) + "]" + end)
        + (key + " = " + value + end);
  }

  @Override
  public String remove(String text, List<String> path) throws SyntaxException {
    Entry entry = find(text, path).orElseThrow();
    if (entry.brace() < 0) {
      return text.substring(0, Lines.start(text, entry.begin()))
          + text.substring(Lines.next(text, entry.end()));
    }
    String rest = text.substring(entry.end());
    if (rest.stripLeading().startsWith(",")) {
      return text.substring(0, entry.begin())
          + rest.stripLeading().substring(1).replaceFirst("^[ \\t]+", "");
    }
    String before = text.substring(0, entry.begin()).stripTrailing();
    boolean comma = before.endsWith(",");
    String kept = comma ? before.substring(0, before.length() - 1) : before;
    return kept + (comma ? rest : rest.stripLeading());
  }

  @Override
  public boolean hasTable(String text, List<String> path) throws SyntaxException {
    return parsed(text).isTable(path);
  }

  @Override
  public String removeEmptyTable(String text, List<String> path) throws SyntaxException {
    Optional<Entry> inline = find(text, path);
    if (inline.isPresent()) {
      String written = text.substring(inline.get().value(), inline.get().end());
      return written.matches("\\{\\s*\\}") ? remove(text, path) : text;
    }
    List<Header> headers = TomlScan.of(text).headers();
    for (int i = 0; i < headers.size(); i++) {
      Header header = headers.get(i);
      int end = i + 1 < headers.size() ? headers.get(i + 1).begin() : text.length();
      if (header.path().equals(path) && text.substring(header.end(), end).isBlank()) {
        String newline = Lines.end(text);
        int begin = header.begin();
        // The empty line before it came with it.
        if (text.startsWith(newline, begin - newline.length())
            && text.startsWith("\n", begin - newline.length() - 1)) {
          begin -= newline.length();
        }
        return text.substring(0, begin) + text.substring(header.end());
      }
    }
    return text;
  }

  @Override
  public String quoted(String value) {
    // A basic string of TOML takes every escape that JSON writes.
    return Utf8.encoded(PLAIN.toJson(new JsonPrimitive(value)));
  }
}
