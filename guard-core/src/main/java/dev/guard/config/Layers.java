package dev.guard.config;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Lays the sources of settings over one another, in the order in which they are added: later wins,
 * and a setting under Guard's name wins over one under claudex's.
 */
final class Layers {
  private final Problems problems;
  private final Map<Setting, List<Entry>> guard = new EnumMap<>(Setting.class);
  private final Map<Setting, List<Entry>> claudex = new EnumMap<>(Setting.class);
  private final Map<Setting, Entry> ceilings = new EnumMap<>(Setting.class);
  private Map<Setting, Entry> beforeProject = Map.of();

  Layers(Problems problems) {
    this.problems = problems;
  }

  void add(TomlSource.Content file) {
    addCeilings(file);
    file.claudex().forEach(this::addClaudex);
    file.settings().forEach(this::add);
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
   * Adds what a project's files say, each value compared with what is in force without any of them.
   */
  void addProject(List<TomlSource.Content> files) {
    beforeProject = inForce();
    for (TomlSource.Content file : files) {
      // What is overruled anyway can not loosen.
      file.claudex().stream()
          .filter(e -> !guard.containsKey(e.setting()) && !isVariable(e.setting()))
          .filter(this::tightens)
          .toList()
          .forEach(this::addClaudex);
    }
    for (TomlSource.Content file : files) {
      file.settings().stream().filter(this::tightens).forEach(this::add);
    }
  }

  private boolean isVariable(Setting s) {
    return claudex.containsKey(s) && last(claudex.get(s)).origin() == Entry.Origin.VARIABLE;
  }

  private boolean tightens(Entry entry) {
    Setting s = entry.setting();
    Entry before = beforeProject.get(s);
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

  /** What is in force; values over a ceiling are problems, defaults over it are lowered to it. */
  Effective effective() {
    for (Setting s : ceilings.keySet()) {
      given(s).forEach(this::reportOverCeiling);
    }
    return Effective.of(inForce());
  }

  private Map<Setting, Entry> inForce() {
    Map<Setting, Entry> all = new EnumMap<>(Setting.class);
    for (Setting s : Setting.values()) {
      all.put(s, inForce(s));
    }
    return all;
  }

  private Entry inForce(Setting s) {
    Entry entry = given(s).isEmpty() ? unset(s) : last(given(s));
    return isOverCeiling(entry)
        ? new Entry(
            s, ceilings.get(s).value(), "ceiling at " + ceilings.get(s).where(), Entry.Origin.FILE)
        : entry;
  }

  /** Every value that was set and counts, the last one wins. */
  private List<Entry> given(Setting s) {
    return guard.getOrDefault(s, claudex.getOrDefault(s, List.of()));
  }

  private Entry unset(Setting s) {
    boolean fromClaudex = !claudex.isEmpty() && !guard.containsKey(Setting.MAX_PROCESSES);
    if (s == Setting.MAX_PROCESSES && fromClaudex) {
      return Defaults.claudexProcesses();
    }
    return s == Setting.PIDS_MAX ? unsetTasks(fromClaudex) : Defaults.of(s);
  }

  private Entry unsetTasks(boolean fromClaudex) {
    Entry processes = inForce(Setting.MAX_PROCESSES);
    Entry tasks = fromClaudex ? Defaults.claudexTasks(processes) : Defaults.tasks(processes);
    // A project that lowers max_processes must not raise what hangs on it: from 0, or from claudex.
    Entry before = beforeProject.get(Setting.PIDS_MAX);
    boolean loosened =
        processes.origin() == Entry.Origin.PROJECT
            && Setting.PIDS_MAX.looser(tasks.value(), before.value());
    return loosened ? before : tasks;
  }

  private boolean isOverCeiling(Entry entry) {
    Entry ceiling = ceilings.get(entry.setting());
    return ceiling != null && entry.setting().looser(entry.value(), ceiling.value());
  }

  private void reportOverCeiling(Entry entry) {
    if (isOverCeiling(entry)) {
      problems.add(
          entry.where(),
          entry.setting().path()
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
