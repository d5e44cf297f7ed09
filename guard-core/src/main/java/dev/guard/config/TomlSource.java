package dev.guard.config;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/**
 * The settings of one TOML file. Only this class loads the TOML library, and only when there is a
 * file.
 */
final class TomlSource {
  private static final String CEILING = "ceiling";
  private static final String BUDGETS = "budgets";
  private static final String FEATURES = "features";
  private static final String PROTECTION = "process_protection";
  private static final String CLAUDEX_TABLE = FEATURES + "." + PROTECTION;
  private static final String TOO_DEEP =
      "is nested too deeply or too large to be read; simplify it, or remove it";
  private static final List<String> CLAUDEX_KEYS =
      List.of(Setting.MAX_PROCESSES.key(), Setting.RATE_LIMIT.key(), Setting.TIMEOUT.key());

  /** Whose file it is, which decides what it may do. */
  enum Role {
    /** May hold a ceiling. */
    SYSTEM,
    /** May set everything but a ceiling. */
    USER,
    /** May only tighten, and not for one budget alone. */
    PROJECT
  }

  /** A limit that holds in one budget. */
  record OfBudget(String budget, Entry entry) {}

  /** What was read: settings, settings under claudex names, ceilings, and limits of budgets. */
  record Content(
      List<Entry> settings, List<Entry> claudex, List<Entry> ceilings, List<OfBudget> budgets) {
    static Content empty() {
      return new Content(
          new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }
  }

  private final String file;
  private final Role role;
  private final Problems problems;
  private final Content content = Content.empty();
  private TomlParseResult toml;

  private TomlSource(String file, Role role, Problems problems) {
    this.file = file;
    this.role = role;
    this.problems = problems;
  }

  /**
   * Reads a file of Guard's, or with {@code claudexOnly} one of claudex, of which only its table
   * for process protection counts.
   */
  static Content read(
      byte[] bytes, String file, Role role, boolean claudexOnly, Problems problems) {
    return new TomlSource(file, role, problems).read(bytes, claudexOnly);
  }

  private Content read(byte[] bytes, boolean claudexOnly) {
    try {
      read(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString(),
          claudexOnly);
    } catch (CharacterCodingException e) {
      problems.add(file, "is not UTF-8 text; save it as UTF-8");
    } catch (StackOverflowError | OutOfMemoryError e) {
      problems.add(file, TOO_DEEP);
    }
    return content;
  }

  private void read(String text, boolean claudexOnly) {
    // The parser recurses, and a project's file may be an agent's: [[[[[[...
    if (Nesting.isTooDeep(text)) {
      problems.add(file, TOO_DEEP);
      return;
    }
    try {
      toml = Toml.parse(text);
    } catch (TomlParseError e) {
      // Not listed by the library but thrown: an escape that is none, in the name of a table.
      invalid(e);
      return;
    }
    toml.errors().forEach(this::invalid);
    if (!toml.hasErrors() && claudexOnly) {
      readForeign();
    } else if (!toml.hasErrors()) {
      toml.keySet().forEach(this::readTopLevel);
    }
  }

  private void invalid(TomlParseError e) {
    problems.add(
        file + ":" + e.position().line(),
        "invalid TOML: " + Problems.message(e.getMessage()) + "; correct it");
  }

  private void readTopLevel(String name) {
    boolean known = name.equals(FEATURES) || tables().anyMatch(name::equals);
    if (!known) {
      notTaken(at(name), unknownTopLevel(name));
    } else if (!(toml.get(List.of(name)) instanceof TomlTable table)) {
      String header = name.equals(BUDGETS) ? BUDGETS + ".NAME" : name;
      problems.add(at(name), name + ": must be a table; write [" + header + "]");
    } else if (name.equals(CEILING)) {
      table.keySet().forEach(key -> readCeiling(table, key));
    } else if (name.equals(BUDGETS)) {
      table.keySet().forEach(budget -> readBudget(table, budget));
    } else if (name.equals(FEATURES)) {
      readFeatures(table);
    } else {
      table.keySet().forEach(key -> readSetting(table, name, key));
    }
  }

  private static Stream<String> tables() {
    Stream<String> ofSettings = Arrays.stream(Setting.values()).map(Setting::table).distinct();
    return Stream.concat(ofSettings, Stream.of(BUDGETS, CEILING));
  }

  private static String unknownTopLevel(String name) {
    for (Setting s : Setting.values()) {
      if (s.key().equals(name)) {
        return name + ": belongs in the table [" + s.table() + "]; move it there";
      }
    }
    return Problems.shortened(name) + ": unknown table" + suggestion(name, tables().toList());
  }

  private void readSetting(TomlTable table, String name, String key) {
    Optional<Setting> setting = Setting.find(name, key);
    if (setting.isEmpty()) {
      List<String> known = keys(s -> s.table().equals(name));
      notTaken(
          at(name, key),
          name + "." + Problems.shortened(key) + ": unknown key" + suggestion(key, known));
      return;
    }
    value(setting.get(), table, name, key).ifPresent(content.settings()::add);
  }

  private void readCeiling(TomlTable table, String key) {
    if (role != Role.SYSTEM) {
      notTaken(
          at(CEILING, key),
          "ceiling."
              + Problems.shortened(key)
              + ": a ceiling can only be set in /etc/guard/config.toml; remove it here");
      return;
    }
    Optional<Setting> setting = Setting.find("limits", key);
    if (setting.isEmpty()) {
      problems.add(
          at(CEILING, key),
          "ceiling."
              + Problems.shortened(key)
              + ": unknown key"
              + suggestion(key, keys(Setting::isLimit)));
      return;
    }
    Optional<Entry> entry = value(setting.get(), table, CEILING, key);
    entry.ifPresent(content.ceilings()::add);
  }

  private void readBudget(TomlTable budgets, String name) {
    String path = BUDGETS + "." + Problems.shortened(name);
    if (role == Role.PROJECT) {
      notTaken(
          at(BUDGETS, name),
          path + ": a project's file may not have it; set it in a file of your own");
    } else if (!(budgets.get(List.of(name)) instanceof TomlTable table)) {
      problems.add(at(BUDGETS, name), path + ": must be a table; write [" + BUDGETS + ".NAME]");
    } else if (Setting.BUDGET.kind().parse(name).isEmpty()) {
      String takes = Setting.BUDGET.takes();
      problems.add(
          at(BUDGETS, name), path + ": must be " + takes + ", not " + Problems.quote(name));
    } else {
      table.keySet().forEach(key -> readOfBudget(table, name, key));
    }
  }

  private void readOfBudget(TomlTable table, String budget, String key) {
    String path = BUDGETS + "." + budget;
    Optional<Setting> setting = Setting.find("limits", key);
    if (setting.isEmpty()) {
      problems.add(
          at(BUDGETS, budget, key),
          path
              + "."
              + Problems.shortened(key)
              + ": unknown key"
              + suggestion(key, keys(Setting::isOfBudget)));
      return;
    }
    if (!setting.get().isOfBudget()) {
      problems.add(
          at(BUDGETS, budget, key),
          path + "." + key + ": holds for all budgets together; move it to [limits]");
      return;
    }
    value(setting.get(), table, path, key)
        .map(e -> new Entry(e.setting(), e.value(), e.where(), Entry.Origin.BUDGET))
        .ifPresent(e -> content.budgets().add(new OfBudget(budget, e)));
  }

  /** Guard's own file: nothing but claudex's table of settings may stand in features. */
  private void readFeatures(TomlTable features) {
    for (String key : features.keySet()) {
      Object value = features.get(List.of(key));
      if (key.equals(PROTECTION) && value instanceof TomlTable protection) {
        protection.keySet().forEach(k -> readClaudex(protection, k));
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
          problems.add(at(FEATURES, key), what);
        } else {
          notTaken(at(FEATURES, key), what);
        }
      }
    }
  }

  /** A file of claudex: what it has for others is none of Guard's business. */
  private void readForeign() {
    if (toml.get(List.of(FEATURES)) instanceof TomlTable features
        && features.get(List.of(PROTECTION)) instanceof TomlTable protection) {
      protection.keySet().stream()
          .filter(k -> CLAUDEX_KEYS.contains(k) || Problems.nearest(k, CLAUDEX_KEYS).isPresent())
          .forEach(k -> readClaudex(protection, k));
    }
  }

  private void readClaudex(TomlTable table, String key) {
    if (CLAUDEX_KEYS.contains(key)) {
      Setting setting = Setting.find("limits", key).orElseThrow();
      value(setting, table, CLAUDEX_TABLE, key).ifPresent(content.claudex()::add);
    } else {
      notTaken(
          at(FEATURES, PROTECTION, key),
          CLAUDEX_TABLE
              + "."
              + Problems.shortened(key)
              + ": unknown key"
              + suggestion(key, CLAUDEX_KEYS));
    }
  }

  private Optional<Entry> value(Setting setting, TomlTable table, String tableName, String key) {
    Object raw = table.get(List.of(key));
    Object plain = raw instanceof TomlArray array ? array.toList() : raw;
    Optional<Value> value = setting.kind().fromToml(plain);
    String where = file + ":" + table.inputPositionOf(List.of(key)).line();
    if (value.isEmpty()) {
      problems.add(
          where, tableName + "." + key + ": must be " + setting.takes() + ", not " + describe(raw));
    }
    Entry.Origin origin = role == Role.PROJECT ? Entry.Origin.PROJECT : Entry.Origin.FILE;
    return value.map(v -> new Entry(setting, v, where, origin));
  }

  /** A project's file may be for another version of Guard, and stops nobody's work. */
  private void notTaken(String where, String what) {
    if (role == Role.PROJECT) {
      problems.note(where, "not taken: " + what);
    } else {
      problems.add(where, what);
    }
  }

  private static String describe(Object raw) {
    if (raw instanceof TomlTable) {
      return "a table";
    }
    if (raw instanceof TomlArray) {
      return "a list of something else";
    }
    return raw instanceof String s ? Problems.quote(s) : String.valueOf(raw);
  }

  private String at(String... path) {
    return file + ":" + toml.inputPositionOf(List.of(path)).line();
  }

  private static List<String> keys(Predicate<Setting> which) {
    return Arrays.stream(Setting.values()).filter(which).map(Setting::key).toList();
  }

  private static String suggestion(String name, List<String> known) {
    return Problems.nearest(name, known)
        .map(k -> "; did you mean " + k + "?")
        .orElse("; remove it. Known here: " + String.join(", ", known));
  }
}
