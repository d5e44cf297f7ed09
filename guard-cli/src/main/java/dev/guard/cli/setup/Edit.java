package dev.guard.cli.setup;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An edit is one value that an agent's file must have.
 *
 * @param path of the value
 * @param value as it is written in the format
 * @param isElement whether it is one element of the array at the path, whose others stay
 */
record Edit(List<String> path, String value, boolean isElement) {
  /** Answers the text with this value; the same text where it has it. */
  String apply(Format format, String text) throws SyntaxException {
    String changed = isElement ? withElement(format, text) : withValue(format, text);
    checkRest(format, text, changed);
    return changed;
  }

  private String withValue(Format format, String text) throws SyntaxException {
    String wanted = format.values(format.put("", path, value)).get(path);
    if (wanted.equals(format.values(text).get(path))) {
      return text;
    }
    String changed = format.put(text, path, value);
    if (!wanted.equals(format.values(changed).get(path))) {
      throw new SyntaxException(1, name() + " is written in a way that Guard does not know");
    }
    return changed;
  }

  private String withElement(Format format, String text) throws SyntaxException {
    Optional<String> array = format.get(text, path);
    if (array.isEmpty()) {
      return format.put(text, path, "[" + value + "]");
    }
    if (!array.get().startsWith("[")) {
      throw new SyntaxException(1, name() + " is no array");
    }
    if (array.get().contains(value)) {
      return text;
    }
    String others = array.get().substring(1);
    String between = others.isBlank() || others.strip().equals("]") ? "" : ",";
    String space = between.isEmpty() || Character.isWhitespace(others.charAt(0)) ? "" : " ";
    return format.put(text, path, "[" + value + between + space + others);
  }

  /**
   * Takes out what this edit has put into a text, and puts back what was there before. What
   * somebody else has written in its place since stays.
   *
   * @param before the text before the edit
   * @param after the text after it
   */
  String revert(Format format, String text, String before, String after) throws SyntaxException {
    String changed =
        isElement ? withoutElement(format, text, before) : reverted(format, text, before, after);
    checkRest(format, text, changed);
    return changed;
  }

  private String reverted(Format format, String text, String before, String after)
      throws SyntaxException {
    String current = format.values(text).get(path);
    if (current == null || !current.equals(format.values(after).get(path))) {
      return text;
    }
    Optional<String> old = format.get(before, path);
    return old.isPresent() ? format.put(text, path, old.get()) : removed(format, text, before);
  }

  private String withoutElement(Format format, String text, String before) throws SyntaxException {
    Optional<String> old = format.get(before, path);
    Optional<String> array = format.get(text, path).filter(a -> a.contains(value));
    if (array.isEmpty() || old.filter(a -> a.contains(value)).isPresent()) {
      return text;
    }
    String without = array.get().replaceFirst(Pattern.quote(value) + "(, (?=\\S)|,)?", "");
    return old.isEmpty() && without.matches("\\[\\s*\\]")
        ? removed(format, text, before)
        : format.put(text, path, without);
  }

  private String removed(Format format, String text, String before) throws SyntaxException {
    String changed = format.remove(text, path);
    for (int n = path.size() - 1; n > 0; n--) {
      if (!format.hasTable(before, path.subList(0, n))) {
        changed = format.removeEmptyTable(changed, path.subList(0, n));
      }
    }
    return changed;
  }

  /** Fails where a real parser reads anything else differently. */
  private void checkRest(Format format, String text, String changed) throws SyntaxException {
    if (!rest(format.values(text)).equals(rest(format.values(changed)))) {
      throw new SyntaxException(1, name() + " can not be set without a change of something else");
    }
  }

  private String name() {
    return String.join(".", path);
  }

  private Map<List<String>, String> rest(Map<List<String>, String> values) {
    Map<List<String>, String> rest = new HashMap<>(values);
    rest.keySet().removeIf(p -> p.size() >= path.size() && p.subList(0, path.size()).equals(path));
    return rest;
  }
}
