package dev.guard.config;

import dev.guard.value.Environment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads settings that come as text: environment variables and flags. */
final class TextSource {
  /** The variable that names the file of settings. */
  static final String CONFIG_VARIABLE = "GUARD_CONFIG";

  /**
   * The variable that Guard sets for a command, so it is neither a setting nor a near miss of one.
   */
  private static final String ID_VARIABLE = "GUARD_ID";

  private static final Map<Setting, String> CLAUDEX_VARIABLES =
      new EnumMap<>(
          Map.of(
              Setting.MAX_PROCESSES, "CLAUDEX_MAX_PROCESSES",
              Setting.RATE_LIMIT, "CLAUDEX_RATE_LIMIT",
              Setting.TIMEOUT, "CLAUDEX_TIMEOUT"));

  private TextSource() {}

  static Optional<Entry> flag(Setting setting, String text, Problems problems) {
    Optional<Value> value = setting.kind().parse(text);
    if (value.isEmpty()) {
      problems.add(setting.flag(), "must be " + setting.takes() + ", not " + Problems.quote(text));
    }
    return value.map(v -> new Entry(setting, v, setting.flag(), Entry.Origin.FLAG));
  }

  /** Reads Guard's variables; a variable that is nearly one of them is a problem. */
  static List<Entry> guardVariables(Environment environment, Problems problems) {
    List<Entry> entries = new ArrayList<>();
    for (Setting s : Setting.values()) {
      variable(s, s.variable(), environment, problems).ifPresent(entries::add);
    }
    reportNearMisses(environment, problems);
    return entries;
  }

  /** Reads the name of the profile, which decides over others. */
  static Optional<Entry> profile(
      Environment environment, Map<Setting, String> flags, Problems problems) {
    String flag = flags.get(Setting.PROFILE);
    return flag == null
        ? variable(Setting.PROFILE, Setting.PROFILE.variable(), environment, problems)
        : flag(Setting.PROFILE, flag, problems);
  }

  /** Reads claudex' variables. */
  static List<Entry> claudexVariables(Environment environment, Problems problems) {
    List<Entry> entries = new ArrayList<>();
    CLAUDEX_VARIABLES.forEach(
        (s, name) -> variable(s, name, environment, problems).ifPresent(entries::add));
    return entries;
  }

  /**
   * Reads one variable, whose text is never shown: it may be a secret that went into the wrong
   * place.
   */
  private static Optional<Entry> variable(
      Setting setting, String name, Environment environment, Problems problems) {
    Optional<String> text = environment.get(name).map(Object::toString);
    Optional<Value> value = text.flatMap(setting.kind()::parse);
    if (text.isPresent() && value.isEmpty()) {
      problems.add(
          name,
          "must be "
              + setting.takes()
              + (text.get().isEmpty() ? ", and is empty" : ", and is not")
              + "; correct or unset it");
    }
    return value.map(v -> new Entry(setting, v, name, Entry.Origin.VARIABLE));
  }

  private static void reportNearMisses(Environment environment, Problems problems) {
    List<String> known = new ArrayList<>(List.of(CONFIG_VARIABLE));
    Arrays.stream(Setting.values()).map(Setting::variable).forEach(known::add);
    for (String name : environment.namesStartingWith("GUARD_")) {
      if (!known.contains(name) && !name.equals(ID_VARIABLE)) {
        Problems.nearest(name, known)
            .or(() -> NearMiss.of(name))
            .ifPresent(
                k ->
                    problems.add(
                        name, "unknown variable; did you mean " + k + "? Unset or rename it"));
      }
    }
  }
}
