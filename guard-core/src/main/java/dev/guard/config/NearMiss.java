package dev.guard.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Knows the variables that somebody makes up who knows a setting's key and not its variable: {@code
 * GUARD_KEY}, {@code GUARD_TABLE_KEY}, what either begins with, and LIMIT for MAX. One word after
 * {@code GUARD_} is never enough: GUARD_MODE is another program's.
 */
final class NearMiss {
  private static final String PREFIX = "GUARD_";

  private NearMiss() {}

  /**
   * Answers the variable of the setting that a name stands for which is not exactly a variable's.
   */
  static Optional<String> of(String name) {
    String words = name.substring(PREFIX.length()).toLowerCase(Locale.ROOT);
    if (words.indexOf('_') < 0 || !name.equals(name.toUpperCase(Locale.ROOT))) {
      return Optional.empty();
    }
    return Arrays.stream(Setting.values())
        .filter(s -> isMeant(words, s.key()) || isMeant(words, s.table() + "_" + s.key()))
        .map(Setting::variable)
        .findFirst();
  }

  private static boolean isMeant(String words, String key) {
    return (key + "_").startsWith(words + "_")
        || (key.endsWith("_max") && words.equals(key.replaceFirst("max$", "limit")));
  }
}
