package dev.guard.config;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Lays the sources of settings over one another, in the order in which they are added: later wins,
 * and a setting under Guard's name wins over one under claudex's.
 */
final class Layers {
  /** The words before the place of a ceiling that a default was lowered to. */
  static final String CEILING_AT = "ceiling at ";

  private final Problems problems;
  private boolean ofProgram;
  private final Map<Setting, List<Entry>> guard = new EnumMap<>(Setting.class);
  private final Map<Setting, List<Entry>> claudex = new EnumMap<>(Setting.class);
  private final Map<Setting, Entry> ceilings = new EnumMap<>(Setting.class);
  private final List<TomlSource.OfBudget> budgets = new ArrayList<>();
  private final List<TomlSource.OfProfile> profiles = new ArrayList<>();
  private final List<String> named = new ArrayList<>(List.of(Defaults.AGENT_PROFILE));

  Layers(Problems problems) {
    this.problems = problems;
  }

  /** Answers a copy that a Java program can add to, with problems of its own. */
  Layers forProgram(Problems own) {
    Layers copy = new Layers(own);
    guard.values().forEach(entries -> entries.forEach(copy::add));
    claudex.values().forEach(entries -> entries.forEach(copy::addClaudex));
    copy.ceilings.putAll(ceilings);
    copy.addTables(this);
    copy.ofProgram = true;
    return copy;
  }

  void add(TomlSource.Content file) {
    file.settings().forEach(this::add);
    addRest(file);
  }

  /** Adds a file that was named: what the machine's file alone may say is only checked in it. */
  void addNamed(TomlSource.Content file) {
    file.settings().stream().filter(e -> !e.setting().isOfMachine()).forEach(this::add);
    addRest(file);
  }

  /** Adds what the machine's file says beside a file that was named. */
  void addOfMachine(TomlSource.Content file) {
    file.settings().stream().filter(e -> e.setting().isOfMachine()).forEach(this::add);
    addCeilings(file);
  }

  private void addRest(TomlSource.Content file) {
    addCeilings(file);
    file.claudex().forEach(this::addClaudex);
    budgets.addAll(file.budgets());
    profiles.addAll(file.profiles());
    named.addAll(file.named());
  }

  private void addTables(Layers other) {
    budgets.addAll(other.budgets);
    profiles.addAll(other.profiles);
    named.addAll(other.named);
  }

  private void addCeilings(TomlSource.Content file) {
    for (Entry e : file.ceilings()) {
      ceilings.merge(e.setting(), e, (a, b) -> e.setting().looser(b.value(), a.value()) ? a : b);
    }
  }

  void add(Entry entry) {
    put(guard, entry);
  }

  void addClaudex(Entry entry) {
    put(claudex, entry);
  }

  /**
   * Adds the settings of a project's files, each value compared with what is in force without any
   * of them where the budget has no table. A value that loosens counts when the user has trusted
   * its file, and else is not taken, which stops nobody.
   */
  void addProject(List<ProjectFile> files) {
    Map<Setting, Entry> before = without(Entry.Origin.BUDGET).inForce();
    for (ProjectFile file : files) {
      for (Entry e : List.copyOf(file.content().claudex())) {
        // A value that is overruled anyway can not loosen.
        if (!guard.containsKey(e.setting()) && !isVariable(e.setting())) {
          ofProject(file, e, before.get(e.setting())).ifPresent(this::addClaudex);
        }
      }
    }
    for (ProjectFile file : files) {
      for (Entry e : file.content().settings()) {
        ofProject(file, e, before.get(e.setting())).ifPresent(this::add);
      }
      file.noteLooser(problems);
    }
  }

  private boolean isVariable(Setting s) {
    return claudex.containsKey(s) && last(claudex.get(s)).origin() == Entry.Origin.VARIABLE;
  }

  private Optional<Entry> ofProject(ProjectFile file, Entry entry, Entry before) {
    Setting s = entry.setting();
    if (!s.looser(entry.value(), before.value())) {
      return Optional.of(entry);
    }
    if (!s.isOfTrust()) {
      problems.note(
          entry.where(),
          s.path()
              + (s.canTighten()
                  ? " = " + entry.shown() + " is not taken: it is looser than "
                  : " = " + entry.shown() + " is not taken: a project may not change it from ")
              + before.shownWithSource()
              + "; set it in a file of your own");
      return Optional.empty();
    }
    if (!file.isTrusted()) {
      file.looser(s.path() + " = " + entry.shown() + ", looser than " + before.shownWithSource());
      return Optional.empty();
    }
    if (isOverCeiling(entry)) {
      String ceiling = ceilings.get(s).shownWithSource();
      problems.note(
          entry.where(), s.path() + ": " + entry.shown() + " is over the ceiling of " + ceiling);
      return Optional.empty();
    }
    return Optional.of(
        new Entry(s, entry.value(), entry.where() + " (trusted)", Entry.Origin.FILE));
  }

  private static void put(Map<Setting, List<Entry>> into, Entry entry) {
    into.computeIfAbsent(entry.setting(), s -> new ArrayList<>()).add(entry);
  }

  /** Leaves out the values that one kind of place has set. */
  private Layers without(Entry.Origin origin) {
    Layers rest = new Layers(problems);
    guard.values().forEach(l -> l.stream().filter(e -> e.origin() != origin).forEach(rest::add));
    claudex
        .values()
        .forEach(l -> l.stream().filter(e -> e.origin() != origin).forEach(rest::addClaudex));
    rest.addTables(this);
    rest.budgets.removeIf(b -> b.entry().origin() == origin);
    rest.ceilings.putAll(ceilings);
    return rest;
  }

  /** Decides what is in force; values over a ceiling are problems, defaults are lowered to it. */
  Effective effective() {
    for (Setting s : ceilings.keySet()) {
      given(s).forEach(e -> reportOverCeiling(e, s.path()));
    }
    for (TomlSource.OfBudget b : budgets) {
      String path = "budgets." + b.budget() + "." + b.entry().setting().key();
      reportOverCeiling(b.entry(), path);
    }
    for (TomlSource.OfProfile p : profiles) {
      Setting s = p.entry().setting();
      reportOverCeiling(p.entry(), "profiles." + p.profile() + "." + s.path());
    }
    Map<Setting, Entry> all = inForce();
    reportUnknownProfile(all.get(Setting.PROFILE));
    return Effective.of(
        hasProject() ? noLooser(all, without(Entry.Origin.PROJECT).inForce()) : all,
        problems.notes(),
        ofProgram);
  }

  /**
   * Tells whether a project's file has set anything: most commands have none, and the comparison of
   * records costs their start 20 ms.
   */
  private boolean hasProject() {
    return Stream.concat(guard.values().stream(), claudex.values().stream())
        .flatMap(List::stream)
        .anyMatch(e -> e.origin() == Entry.Origin.PROJECT);
  }

  /**
   * Takes back each value that a project's file has loosened, since a project may only tighten: its
   * value may be looser than that of the budget, or loosen another that depends on it, as the
   * number of tasks depends on that of processes.
   */
  private static Map<Setting, Entry> noLooser(
      Map<Setting, Entry> all, Map<Setting, Entry> withoutProject) {
    all.replaceAll(
        (s, entry) -> {
          Entry before = withoutProject.get(s);
          return s.looser(entry.value(), before.value()) ? before : entry;
        });
    return all;
  }

  private Map<Setting, Entry> inForce() {
    Map<Setting, Entry> all = new EnumMap<>(Setting.class);
    for (Setting s : Setting.values()) {
      all.put(s, inForce(s));
    }
    return all;
  }

  private Entry inForce(Setting s) {
    Entry entry = inBudget(inProfile(given(s).isEmpty() ? unset(s) : last(given(s))));
    return isOverCeiling(entry)
        ? new Entry(
            s, ceilings.get(s).value(), CEILING_AT + ceilings.get(s).where(), Entry.Origin.FILE)
        : entry;
  }

  /** Answers every value that was set and counts; the last one wins. */
  private List<Entry> given(Setting s) {
    return guard.getOrDefault(s, claudex.getOrDefault(s, List.of()));
  }

  private void reportUnknownProfile(Entry profile) {
    String name = profile.value().toString();
    if (!name.equals(Defaults.NO_PROFILE) && !named.contains(name)) {
      problems.add(
          profile.where(),
          "no file has a profile of this name; name one of: "
              + String.join(", ", named.stream().distinct().sorted().toList())
              + ", or none");
    }
  }

  /**
   * Lays the tables of the profile in force over all: they take the place of values that files and
   * defaults set for all, but not of those that a project's file tightened, nor of variables and
   * flags.
   */
  private Entry inProfile(Entry ofAll) {
    Setting s = ofAll.setting();
    boolean isOpen = ofAll.origin() == Entry.Origin.BUILT_IN || ofAll.origin() == Entry.Origin.FILE;
    if (!isOpen || !s.isOfProfile() || (profiles.isEmpty() && !givesProfile())) {
      return ofAll;
    }
    String profile = inForce(Setting.PROFILE).value().toString();
    Optional<Entry> inFile =
        profiles.stream()
            .filter(p -> p.profile().equals(profile) && p.entry().setting() == s)
            .map(TomlSource.OfProfile::entry)
            .reduce((earlier, later) -> later);
    return ofAll.origin() == Entry.Origin.BUILT_IN
        ? inFile.or(() -> Defaults.ofProfile(profile, s)).orElse(ofAll)
        : inFile.orElse(ofAll);
  }

  /** Tells whether a profile is named: most commands have none. */
  private boolean givesProfile() {
    return guard.containsKey(Setting.PROFILE);
  }

  /**
   * Lays the budget's own table over all: it takes the place of values that files and defaults set
   * for all budgets, but not of those that a project's file tightened, nor of variables and flags.
   */
  private Entry inBudget(Entry ofAll) {
    return switch (ofAll.origin()) {
      case BUILT_IN, FILE, BUDGET -> ofBudget(ofAll.setting()).orElse(ofAll);
      case PROJECT, VARIABLE, FLAG -> ofAll;
    };
  }

  /** Answers the last value that the tables of the budget in force set. */
  private Optional<Entry> ofBudget(Setting s) {
    if (!s.isOfBudget()) {
      return Optional.empty();
    }
    String budget = inForce(Setting.BUDGET).value().toString();
    return budgets.stream()
        .filter(b -> b.budget().equals(budget) && b.entry().setting() == s)
        .map(TomlSource.OfBudget::entry)
        .reduce((earlier, later) -> later);
  }

  private Entry unset(Setting s) {
    return s == Setting.PIDS_MAX ? unsetTasks() : Defaults.of(s);
  }

  /**
   * Answers the number of tasks where nobody set it: claudex's number of processes limits tasks as
   * well, which no other setting does.
   */
  private Entry unsetTasks() {
    Entry processes = inForce(Setting.MAX_PROCESSES);
    boolean fromClaudex =
        claudex.containsKey(Setting.MAX_PROCESSES)
            && !guard.containsKey(Setting.MAX_PROCESSES)
            && processes.origin() != Entry.Origin.BUDGET;
    return fromClaudex ? Defaults.claudexTasks(processes) : Defaults.tasks(processes);
  }

  private boolean isOverCeiling(Entry entry) {
    Entry ceiling = ceilings.get(entry.setting());
    return ceiling != null && entry.setting().looser(entry.value(), ceiling.value());
  }

  private void reportOverCeiling(Entry entry, String path) {
    if (isOverCeiling(entry)) {
      problems.addForbidden(
          entry.where(),
          path
              + ": "
              + entry.shown()
              + " is over the ceiling of "
              + ceilings.get(entry.setting()).shownWithSource()
              + "; lower it");
    }
  }

  private static Entry last(List<Entry> entries) {
    return entries.get(entries.size() - 1);
  }
}
