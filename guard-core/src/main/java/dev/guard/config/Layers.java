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
  /** Before the place of a ceiling that a default was lowered to. */
  static final String CEILING_AT = "ceiling at ";

  private final Problems problems;
  private final Map<Setting, List<Entry>> guard = new EnumMap<>(Setting.class);
  private final Map<Setting, List<Entry>> claudex = new EnumMap<>(Setting.class);
  private final Map<Setting, Entry> ceilings = new EnumMap<>(Setting.class);
  private final List<TomlSource.OfBudget> budgets = new ArrayList<>();

  Layers(Problems problems) {
    this.problems = problems;
  }

  void add(TomlSource.Content file) {
    addCeilings(file);
    file.claudex().forEach(this::addClaudex);
    file.settings().forEach(this::add);
    budgets.addAll(file.budgets());
  }

  void addCeilings(TomlSource.Content file) {
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
   * Adds what a project's files say, each value compared with what is in force without any of them
   * where the budget has no table.
   */
  void addProject(List<TomlSource.Content> files) {
    Map<Setting, Entry> before = without(Entry.Origin.BUDGET).inForce();
    for (TomlSource.Content file : files) {
      // What is overruled anyway can not loosen.
      file.claudex().stream()
          .filter(e -> !guard.containsKey(e.setting()) && !isVariable(e.setting()))
          .filter(e -> tightens(e, before.get(e.setting())))
          .toList()
          .forEach(this::addClaudex);
    }
    for (TomlSource.Content file : files) {
      file.settings().stream().filter(e -> tightens(e, before.get(e.setting()))).forEach(this::add);
    }
  }

  private boolean isVariable(Setting s) {
    return claudex.containsKey(s) && last(claudex.get(s)).origin() == Entry.Origin.VARIABLE;
  }

  private boolean tightens(Entry entry, Entry before) {
    Setting s = entry.setting();
    if (!s.looser(entry.value(), before.value())) {
      return true;
    }
    String why =
        s.canTighten()
            ? ": a project's file may only tighten, and " + entry.shown() + " is looser than "
            : ": a project's file may not change it from ";
    problems.add(
        entry.where(),
        s.path() + why + before.shownWithSource() + "; remove it, or set it in a file of your own");
    return false;
  }

  private static void put(Map<Setting, List<Entry>> into, Entry entry) {
    into.computeIfAbsent(entry.setting(), s -> new ArrayList<>()).add(entry);
  }

  /** The same as if one kind of place had said nothing. */
  private Layers without(Entry.Origin origin) {
    Layers rest = new Layers(problems);
    guard.values().forEach(l -> l.stream().filter(e -> e.origin() != origin).forEach(rest::add));
    claudex
        .values()
        .forEach(l -> l.stream().filter(e -> e.origin() != origin).forEach(rest::addClaudex));
    budgets.stream().filter(b -> b.entry().origin() != origin).forEach(rest.budgets::add);
    rest.ceilings.putAll(ceilings);
    return rest;
  }

  /** What is in force; values over a ceiling are problems, defaults over it are lowered to it. */
  Effective effective() {
    for (Setting s : ceilings.keySet()) {
      given(s).forEach(e -> reportOverCeiling(e, s.path()));
    }
    for (TomlSource.OfBudget b : budgets) {
      String path = "budgets." + b.budget() + "." + b.entry().setting().key();
      reportOverCeiling(b.entry(), path);
    }
    Map<Setting, Entry> all = inForce();
    return Effective.of(
        hasProject() ? noLooser(all, without(Entry.Origin.PROJECT).inForce()) : all);
  }

  /** Most commands have none, and the comparison of records costs their start 20 ms. */
  private boolean hasProject() {
    return Stream.concat(guard.values().stream(), claudex.values().stream())
        .flatMap(List::stream)
        .anyMatch(e -> e.origin() == Entry.Origin.PROJECT);
  }

  /**
   * A project may only tighten: its value may be looser than that of the budget, or what hangs on
   * it than before, as the number of tasks on that of processes.
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
    Entry entry = inBudget(given(s).isEmpty() ? unset(s) : last(given(s)));
    return isOverCeiling(entry)
        ? new Entry(
            s, ceilings.get(s).value(), CEILING_AT + ceilings.get(s).where(), Entry.Origin.FILE)
        : entry;
  }

  /** Every value that was set and counts, the last one wins. */
  private List<Entry> given(Setting s) {
    return guard.getOrDefault(s, claudex.getOrDefault(s, List.of()));
  }

  /**
   * What holds in the budget: its own table takes the place of what files and defaults say for all
   * budgets, but not of what a project's file tightened, nor of variables and flags.
   */
  private Entry inBudget(Entry ofAll) {
    return switch (ofAll.origin()) {
      case BUILT_IN, FILE, BUDGET -> ofBudget(ofAll.setting()).orElse(ofAll);
      case PROJECT, VARIABLE, FLAG -> ofAll;
    };
  }

  /** The last that the tables of the budget in force say. */
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
    if (s == Setting.MAX_PROCESSES && isClaudexInUse()) {
      return Defaults.claudexProcesses();
    }
    return s == Setting.PIDS_MAX ? unsetTasks() : Defaults.of(s);
  }

  private boolean isClaudexInUse() {
    return !claudex.isEmpty() && !guard.containsKey(Setting.MAX_PROCESSES);
  }

  private Entry unsetTasks() {
    Entry processes = inForce(Setting.MAX_PROCESSES);
    boolean fromClaudex = isClaudexInUse() && processes.origin() != Entry.Origin.BUDGET;
    return fromClaudex ? Defaults.claudexTasks(processes) : Defaults.tasks(processes);
  }

  private boolean isOverCeiling(Entry entry) {
    Entry ceiling = ceilings.get(entry.setting());
    return ceiling != null && entry.setting().looser(entry.value(), ceiling.value());
  }

  private void reportOverCeiling(Entry entry, String path) {
    if (isOverCeiling(entry)) {
      problems.add(
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
