package dev.guard.config;

import dev.guard.Environment;
import dev.guard.os.OsString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Settings that come as text: environment variables and flags. */
final class TextSource {
  /**
   * Variables that are not settings: the file's name, what Guard sets for commands, and what
   * bin/guard tells the JVM.
   */
  private static final List<String> OTHER_VARIABLES = List.of("GUARD_CONFIG", "GUARD_ID");

  static final Map<String, Setting> CLAUDEX_VARIABLES =
      Map.of(
          "CLAUDEX_MAX_PROCESSES", Setting.MAX_PROCESSES,
          "CLAUDEX_RATE_LIMIT", Setting.RATE_LIMIT,
          "CLAUDEX_TIMEOUT", Setting.TIMEOUT);

  private TextSource() {}

  /**
   * The value of a text; what is wrong with it is a problem. The text of a variable is never shown.
   */
  static Optional<Entry> value(
      Setting setting, String text, String where, boolean show, Problems problems) {
    Optional<Value> value = setting.kind().parse(text);
    if (value.isEmpty()) {
      problems.add(
          where, (show ? "\"" + text + "\" is not " : "its value is not ") + setting.takes());
    }
    return value.map(v -> new Entry(setting, v, where, true));
  }

  static List<Entry> guardVariables(Environment environment, Problems problems) {
    List<Entry> entries = new ArrayList<>();
    for (Setting s : Setting.values()) {
      environment
          .get(s.variable())
          .flatMap(text -> value(s, text.toString(), s.variable(), false, problems))
          .ifPresent(entries::add);
    }
    reportNearMisses(environment, problems);
    return entries;
  }

  private static void reportNearMisses(Environment environment, Problems problems) {
    List<String> known = new ArrayList<>(OTHER_VARIABLES);
    Arrays.stream(Setting.values()).map(Setting::variable).forEach(known::add);
    for (String name : environment.namesStartingWith("GUARD")) {
      if (!known.contains(name)) {
        Problems.nearest(name, known)
            .ifPresent(
                k ->
                    problems.add(
                        name, "unknown variable; did you mean " + k + "? Unset or rename it"));
      }
    }
  }

  static List<Entry> claudexVariables(Environment environment, Problems problems) {
    List<Entry> entries = new ArrayList<>();
    CLAUDEX_VARIABLES.forEach(
        (name, setting) -> {
          Optional<OsString> text = environment.get(name);
          text.flatMap(t -> value(setting, t.toString(), name, false, problems))
              .ifPresent(entries::add);
        });
    return entries;
  }
}
