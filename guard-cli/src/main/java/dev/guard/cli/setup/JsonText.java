package dev.guard.cli.setup;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import dev.guard.cli.setup.JsonScan.Member;
import dev.guard.cli.setup.JsonScan.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** JSON, also with comments: a new member is the first one of its object. */
final class JsonText implements Format {
  private static final TypeAdapter<JsonElement> STRICT =
      new GsonBuilder().setStrictness(Strictness.STRICT).create().getAdapter(JsonElement.class);
  private static final Gson PLAIN = new GsonBuilder().disableHtmlEscaping().create();
  private static final Pattern INDENT = Pattern.compile("(?m)^([ \\t]+)\\S");

  @Override
  public Map<List<String>, String> values(String text) throws SyntaxException {
    Map<List<String>, String> values = new HashMap<>();
    if (!text.isBlank()) {
      flatten(parsed(text), List.of(), values);
    }
    return values;
  }

  static JsonElement parsed(String text) throws SyntaxException {
    root(text);
    String strict = Utf8.decoded(JsonScan.strict(text));
    try {
      return STRICT.fromJson(strict);
    } catch (JsonParseException | java.io.IOException e) {
      Matcher line = Pattern.compile(" at line (\\d+)").matcher(String.valueOf(e.getMessage()));
      throw new SyntaxException(
          line.find() ? Integer.parseInt(line.group(1)) : 1, "it is no valid JSON");
    }
  }

  private static void flatten(
      JsonElement element, List<String> path, Map<List<String>, String> values) {
    if (!element.isJsonObject()) {
      values.put(path, element.toString());
      return;
    }
    for (Map.Entry<String, JsonElement> member : element.getAsJsonObject().entrySet()) {
      List<String> below = new ArrayList<>(path);
      below.add(member.getKey());
      flatten(member.getValue(), below, values);
    }
  }

  private static Value root(String text) throws SyntaxException {
    Value root = JsonScan.of(text);
    if (text.charAt(root.begin()) != '{') {
      throw SyntaxException.at(text, root.begin(), "an object is expected");
    }
    return root;
  }

  /** Finds a member; where a name is there twice, the last one counts. */
  private static Optional<Member> find(String text, List<String> path) throws SyntaxException {
    if (text.isBlank()) {
      return Optional.empty();
    }
    Value object = root(text);
    Optional<Member> found = Optional.empty();
    for (String name : path) {
      List<Member> members = object.members();
      found = members.stream().filter(m -> m.name().equals(name)).reduce((first, last) -> last);
      if (found.isEmpty()) {
        return found;
      }
      object = found.get().value();
    }
    return found;
  }

  @Override
  public Optional<String> get(String text, List<String> path) throws SyntaxException {
    return find(text, path).map(m -> text.substring(m.value().begin(), m.value().end()));
  }

  @Override
  public String put(String text, List<String> path, String value) throws SyntaxException {
    Optional<Member> old = find(text, path);
    if (old.isPresent()) {
      Value place = old.get().value();
      return text.substring(0, place.begin()) + value + text.substring(place.end());
    }
    if (text.isBlank()) {
      return put("{}\n", path, value);
    }
    String unit = unit(text);
    Value object = root(text);
    int known = 0;
    while (known < path.size() - 1) {
      Optional<Member> next = find(text, path.subList(0, known + 1));
      if (next.isEmpty()) {
        break;
      }
      object = next.get().value();
      if (text.charAt(object.begin()) != '{') {
        throw SyntaxException.at(text, object.begin(), path.get(known) + " is no object");
      }
      known++;
    }
    return withFirst(text, object, path.subList(known, path.size()), value, unit);
  }

  private String withFirst(
      String text, Value object, List<String> names, String value, String unit) {
    String newline = Lines.end(text);
    int inside = object.begin() + 1;
    List<Member> members = object.members();
    String upToFirst =
        text.substring(inside, members.isEmpty() ? object.end() - 1 : members.get(0).begin());
    if (!members.isEmpty() && !upToFirst.contains("\n")) {
      int at = members.get(0).begin();
      return text.substring(0, at) + member(names, value) + ", " + text.substring(at);
    }
    String line = text.substring(Lines.start(text, object.begin()), object.begin());
    String indent = line.substring(0, line.length() - line.stripLeading().length());
    String member = newline + indent + unit + member(names, value, newline + indent + unit, unit);
    if (!members.isEmpty()) {
      return text.substring(0, inside) + member + "," + text.substring(inside);
    }
    String rest = text.substring(inside);
    return text.substring(0, inside)
        + member
        + (upToFirst.contains("\n") ? rest : newline + indent + rest.stripLeading());
  }

  private String member(List<String> names, String value) {
    return names.size() == 1
        ? quoted(names.get(0)) + ": " + value
        : quoted(names.get(0)) + ": {" + member(names.subList(1, names.size()), value) + "}";
  }

  private String member(List<String> names, String value, String line, String unit) {
    return names.size() == 1
        ? member(names, value)
        : quoted(names.get(0))
            + ": {"
            + line
            + unit
            + member(names.subList(1, names.size()), value, line + unit, unit)
            + line
            + "}";
  }

  private static String unit(String text) {
    Matcher indent = INDENT.matcher(text);
    return indent.find() ? indent.group(1) : "  ";
  }

  @Override
  public String remove(String text, List<String> path) throws SyntaxException {
    Member member = find(text, path).orElseThrow();
    boolean alone = text.substring(member.after(), member.begin()).isBlank();
    int begin = alone ? member.after() : member.begin();
    if (member.comma() >= 0) {
      return text.substring(0, begin) + text.substring(member.comma() + 1);
    }
    String rest = text.substring(member.value().end());
    if (text.charAt(member.after() - 1) == ',') {
      // The comma before the last member goes with it.
      return text.substring(0, member.after() - 1) + text.substring(member.after(), begin) + rest;
    }
    return text.substring(0, begin) + (alone ? rest.stripLeading() : rest);
  }

  @Override
  public boolean hasTable(String text, List<String> path) throws SyntaxException {
    return get(text, path).filter(v -> v.startsWith("{")).isPresent();
  }

  @Override
  public String removeEmptyTable(String text, List<String> path) throws SyntaxException {
    boolean empty = get(text, path).filter(v -> v.matches("\\{\\s*\\}")).isPresent();
    return empty ? remove(text, path) : text;
  }

  @Override
  public String quoted(String value) {
    return Utf8.encoded(PLAIN.toJson(new JsonPrimitive(value)));
  }
}
