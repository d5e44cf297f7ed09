package dev.guard.config;

import java.util.List;
import org.tomlj.TomlTable;

/**
 * Reads the table in which claudex keeps its settings for process protection, whoever's file has
 * it.
 */
final class ClaudexTable {
  static final String FEATURES = "features";
  private static final String PROTECTION = "process_protection";
  private static final String CLAUDEX_TABLE = FEATURES + "." + PROTECTION;
  private static final List<String> CLAUDEX_KEYS =
      List.of(Setting.MAX_PROCESSES.key(), Setting.RATE_LIMIT.key(), Setting.TIMEOUT.key());

  private final TomlFile toml;
  private final Problems problems;
  private final List<Entry> entries;

  /**
   * Makes the reader of one file.
   *
   * @param entries gets what was read
   */
  ClaudexTable(TomlFile toml, Problems problems, List<Entry> entries) {
    this.toml = toml;
    this.problems = problems;
    this.entries = entries;
  }

  /** Reads Guard's own file: nothing but claudex' table of settings may stand in features. */
  void readFeatures(TomlTable features) {
    for (String key : features.keySet()) {
      Object value = features.get(List.of(key));
      if (key.equals(PROTECTION) && value instanceof TomlTable protection) {
        protection.keySet().forEach(k -> readKey(protection, k));
      } else {
        boolean isWrongType = key.equals(PROTECTION);
        String what =
            FEATURES
                + "."
                + Problems.shortened(key)
                + (isWrongType ? ": must be a table" : ": unknown key")
                + "; write ["
                + CLAUDEX_TABLE
                + "] or remove it";
        if (isWrongType) {
          problems.add(toml.at(FEATURES, key), what);
        } else {
          toml.notTaken(toml.at(FEATURES, key), what);
        }
      }
    }
  }

  /** Reads a file of claudex: its settings for other things are none of Guard's business. */
  void readForeign() {
    if (toml.root().get(List.of(FEATURES)) instanceof TomlTable features
        && features.get(List.of(PROTECTION)) instanceof TomlTable protection) {
      protection.keySet().stream()
          .filter(k -> CLAUDEX_KEYS.contains(k) || Problems.nearest(k, CLAUDEX_KEYS).isPresent())
          .forEach(k -> readKey(protection, k));
    }
  }

  private void readKey(TomlTable table, String key) {
    if (CLAUDEX_KEYS.contains(key)) {
      Setting setting = Setting.find("limits", key).orElseThrow();
      toml.value(setting, table, CLAUDEX_TABLE, key).ifPresent(entries::add);
    } else {
      toml.notTaken(
          toml.at(FEATURES, PROTECTION, key),
          CLAUDEX_TABLE
              + "."
              + Problems.shortened(key)
              + ": unknown key"
              + TomlFile.suggestion(key, CLAUDEX_KEYS));
    }
  }
}
