package dev.guard.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.tomlj.TomlTable;

/**
 * Reads the settings of one TOML file, table by table. The TOML library is loaded only when there
 * is a file.
 */
final class TomlSource {
  private static final String CEILING = "ceiling";
  private static final String BUDGETS = "budgets";
  private static final String PROFILES = "profiles";
  private static final ParsedFiles PARSED = new ParsedFiles();

  /** Holds a limit for one budget. */
  record OfBudget(String budget, Entry entry) {}

  /** Holds the value of a setting in one profile. */
  record OfProfile(String profile, Entry entry) {}

  /**
   * Holds the contents of a file: settings, those under claudex names, ceilings, limits of budgets,
   * settings of profiles.
   *
   * @param named the profiles that have a table, also an empty one
   */
  record Content(
      List<Entry> settings,
      List<Entry> claudex,
      List<Entry> ceilings,
      List<OfBudget> budgets,
      List<OfProfile> profiles,
      List<String> named) {
    static Content empty() {
      return new Content(
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>());
    }

    private Content unchangeable() {
      return new Content(
          List.copyOf(settings),
          List.copyOf(claudex),
          List.copyOf(ceilings),
          List.copyOf(budgets),
          List.copyOf(profiles),
          List.copyOf(named));
    }
  }

  private final TomlFile toml;
  private final Problems problems;
  private final Content content;

  private TomlSource(TomlFile toml, Problems problems, Content content) {
    this.toml = toml;
    this.problems = problems;
    this.content = content;
  }

  /**
   * Reads a file of Guard's, or with {@code claudexOnly} one of claudex, of which only its table
   * for process protection counts.
   */
  static Content read(
      byte[] bytes, String file, TomlFile.Role role, boolean claudexOnly, Problems problems) {
    ParsedFiles.Key key = new ParsedFiles.Key(bytes, file, role, claudexOnly);
    Optional<Content> known = PARSED.find(key);
    if (known.isPresent()) {
      return known.get();
    }
    int before = problems.told();
    Content content = parse(bytes, file, role, claudexOnly, problems).unchangeable();
    // A complaint has to be made each time.
    if (problems.told() == before) {
      PARSED.keep(key, content);
    }
    return content;
  }

  private static Content parse(
      byte[] bytes, String file, TomlFile.Role role, boolean claudexOnly, Problems problems) {
    Content content = Content.empty();
    Optional<TomlFile> parsed = TomlFile.parse(bytes, file, role, problems);
    if (parsed.isPresent() && claudexOnly) {
      new ClaudexTable(parsed.get(), problems, content.claudex()).readForeign();
    } else if (parsed.isPresent()) {
      TomlSource source = new TomlSource(parsed.get(), problems, content);
      parsed.get().root().keySet().forEach(source::readTopLevel);
    }
    return content;
  }

  private void readTopLevel(String name) {
    boolean known = name.equals(ClaudexTable.FEATURES) || tables().anyMatch(name::equals);
    if (!known) {
      toml.notTaken(toml.at(name), unknownTopLevel(name));
    } else if (!(toml.root().get(List.of(name)) instanceof TomlTable table)) {
      boolean isOfNames = name.equals(BUDGETS) || name.equals(PROFILES);
      String header = isOfNames ? name + ".NAME" : name;
      problems.add(toml.at(name), name + ": must be a table; write [" + header + "]");
    } else if (name.equals(CEILING)) {
      table.keySet().forEach(key -> readCeiling(table, key));
    } else if (name.equals(BUDGETS)) {
      table.keySet().forEach(budget -> readBudget(table, budget));
    } else if (name.equals(PROFILES)) {
      table.keySet().forEach(profile -> readProfile(table, profile));
    } else if (name.equals(ClaudexTable.FEATURES)) {
      new ClaudexTable(toml, problems, content.claudex()).readFeatures(table);
    } else {
      table.keySet().forEach(key -> readSetting(table, name, key));
    }
  }

  private static Stream<String> tables() {
    Stream<String> ofSettings = Arrays.stream(Setting.values()).map(Setting::table).distinct();
    return Stream.concat(ofSettings, Stream.of(BUDGETS, PROFILES, CEILING));
  }

  private static String unknownTopLevel(String name) {
    for (Setting s : Setting.values()) {
      if (s.key().equals(name)) {
        return name + ": belongs in the table [" + s.table() + "]; move it there";
      }
    }
    return Problems.shortened(name)
        + ": unknown table"
        + TomlFile.suggestion(name, tables().toList());
  }

  private void readSetting(TomlTable table, String name, String key) {
    Optional<Setting> setting = Setting.find(name, key);
    if (setting.isEmpty()) {
      List<String> known = keys(s -> s.table().equals(name));
      toml.notTaken(
          toml.at(name, key),
          name + "." + Problems.shortened(key) + ": unknown key" + TomlFile.suggestion(key, known));
      return;
    }
    if (setting.get().isOfMachine() && toml.role() != TomlFile.Role.SYSTEM) {
      toml.notTaken(
          toml.at(name, key),
          setting.get().path()
              + ": can only be set in /etc/guard/config.toml, or by "
              + setting.get().variable()
              + "; remove it here");
      return;
    }
    toml.value(setting.get(), table, name, key).ifPresent(content.settings()::add);
  }

  private void readCeiling(TomlTable table, String key) {
    if (toml.role() != TomlFile.Role.SYSTEM) {
      toml.notTaken(
          toml.at(CEILING, key),
          "ceiling."
              + Problems.shortened(key)
              + ": a ceiling can only be set in /etc/guard/config.toml; remove it here");
      return;
    }
    Optional<Setting> setting = Setting.find("limits", key);
    if (setting.isEmpty()) {
      problems.add(
          toml.at(CEILING, key),
          "ceiling."
              + Problems.shortened(key)
              + ": unknown key"
              + TomlFile.suggestion(key, keys(Setting::isLimit)));
      return;
    }
    Optional<Entry> entry = toml.value(setting.get(), table, CEILING, key);
    entry.ifPresent(content.ceilings()::add);
  }

  private void readBudget(TomlTable budgets, String name) {
    String path = BUDGETS + "." + Problems.shortened(name);
    if (toml.role() == TomlFile.Role.PROJECT) {
      toml.notTaken(
          toml.at(BUDGETS, name),
          path + ": a project's file may not have it; set it in a file of your own");
    } else if (!(budgets.get(List.of(name)) instanceof TomlTable table)) {
      problems.add(
          toml.at(BUDGETS, name), path + ": must be a table; write [" + BUDGETS + ".NAME]");
    } else if (Setting.BUDGET.kind().parse(name).isEmpty()) {
      String takes = Setting.BUDGET.takes();
      problems.add(
          toml.at(BUDGETS, name), path + ": must be " + takes + ", not " + Problems.quote(name));
    } else {
      table.keySet().forEach(key -> readOfBudget(table, name, key));
    }
  }

  private void readOfBudget(TomlTable table, String budget, String key) {
    String path = BUDGETS + "." + budget;
    Optional<Setting> setting = Setting.find("limits", key);
    if (setting.isEmpty()) {
      problems.add(
          toml.at(BUDGETS, budget, key),
          path
              + "."
              + Problems.shortened(key)
              + ": unknown key"
              + TomlFile.suggestion(key, keys(Setting::isOfBudget)));
      return;
    }
    if (!setting.get().isOfBudget()) {
      problems.add(
          toml.at(BUDGETS, budget, key),
          path + "." + key + ": holds for all budgets together; move it to [limits]");
      return;
    }
    toml.value(setting.get(), table, path, key)
        .map(e -> new Entry(e.setting(), e.value(), e.where(), Entry.Origin.BUDGET))
        .ifPresent(e -> content.budgets().add(new OfBudget(budget, e)));
  }

  private void readProfile(TomlTable profiles, String name) {
    String path = PROFILES + "." + Problems.shortened(name);
    if (toml.role() == TomlFile.Role.PROJECT) {
      toml.notTaken(
          toml.at(PROFILES, name),
          path + ": a project's file may not have it; set it in a file of your own");
    } else if (!(profiles.get(List.of(name)) instanceof TomlTable tables)) {
      problems.add(
          toml.at(PROFILES, name),
          path + ": must be a table of tables; write [" + PROFILES + ".NAME.limits]");
    } else if (Setting.PROFILE.kind().parse(name).isEmpty() || name.equals(Defaults.NO_PROFILE)) {
      problems.add(
          toml.at(PROFILES, name),
          path + ": no profile can be called so; choose " + Setting.PROFILE.takes());
    } else {
      content.named().add(name);
      tables.keySet().forEach(table -> readOfProfile(tables, name, table));
    }
  }

  private void readOfProfile(TomlTable tables, String profile, String name) {
    String path = PROFILES + "." + profile + "." + Problems.shortened(name);
    List<String> known =
        Arrays.stream(Setting.values())
            .filter(Setting::isOfProfile)
            .map(Setting::table)
            .distinct()
            .toList();
    if (!known.contains(name)) {
      problems.add(
          toml.at(PROFILES, profile, name),
          path + ": unknown table" + TomlFile.suggestion(name, known));
    } else if (!(tables.get(List.of(name)) instanceof TomlTable table)) {
      problems.add(
          toml.at(PROFILES, profile, name), path + ": must be a table; write [" + path + "]");
    } else {
      for (String key : table.keySet()) {
        Optional<Setting> setting = Setting.find(name, key).filter(Setting::isOfProfile);
        if (setting.isPresent()) {
          toml.value(setting.get(), table, path, key)
              .ifPresent(e -> content.profiles().add(new OfProfile(profile, e)));
        } else {
          List<String> keys = keys(s -> s.table().equals(name));
          problems.add(
              toml.at(PROFILES, profile, name, key),
              path
                  + "."
                  + Problems.shortened(key)
                  + ": unknown key"
                  + TomlFile.suggestion(key, keys));
        }
      }
    }
  }

  private static List<String> keys(Predicate<Setting> which) {
    return Arrays.stream(Setting.values()).filter(which).map(Setting::key).toList();
  }
}
