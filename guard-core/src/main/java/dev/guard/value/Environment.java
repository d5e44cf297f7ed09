package dev.guard.value;

import dev.guard.os.OsString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Holds environment variables, byte for byte and in order.
 *
 * @param entries strings NAME=VALUE; what has no = is kept as it is
 */
public record Environment(List<OsString> entries) {
  /** Copies the list. */
  public Environment {
    entries = List.copyOf(entries);
  }

  /** Answers the environment of this JVM as Java sees it. */
  public static Environment ofJvm() {
    return new Environment(
        System.getenv().entrySet().stream()
            .map(e -> OsString.of(e.getKey() + "=" + e.getValue()))
            .toList());
  }

  /** Answers the value of the first entry of this name. */
  public Optional<OsString> get(String name) {
    OsString prefix = OsString.of(name + "=");
    return entries.stream()
        .filter(e -> startsWith(e, prefix))
        .map(e -> e.slice(prefix.length(), e.length()))
        .findFirst();
  }

  /** Lists the names that begin with {@code prefix}, decoded as UTF-8. */
  public List<String> namesStartingWith(String prefix) {
    OsString start = OsString.of(prefix);
    return entries.stream()
        .filter(e -> startsWith(e, start) && e.contains('='))
        .map(e -> e.slice(0, e.indexOf('=')).toString())
        .distinct()
        .toList();
  }

  /** Answers this environment with every entry of this name replaced by one at the end. */
  public Environment with(String name, OsString value) {
    OsString prefix = OsString.of(name + "=");
    List<OsString> changed =
        new ArrayList<>(entries.stream().filter(e -> !startsWith(e, prefix)).toList());
    changed.add(prefix.concat(value));
    return new Environment(changed);
  }

  /** Answers this environment without every entry of these names. */
  public Environment without(String... names) {
    List<OsString> left = new ArrayList<>(entries);
    for (String name : names) {
      OsString prefix = OsString.of(name + "=");
      left.removeIf(e -> startsWith(e, prefix));
    }
    return new Environment(left);
  }

  private static boolean startsWith(OsString text, OsString prefix) {
    return text.length() >= prefix.length() && text.slice(0, prefix.length()).equals(prefix);
  }
}
