package dev.guard.config;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Lays the sources of settings over one another, in the order in which they are added: later wins.
 */
final class Layers {
  private final Map<Setting, Entry> guard = new EnumMap<>(Setting.class);
  private final Map<Setting, Entry> claudex = new EnumMap<>(Setting.class);
  private final Map<Setting, Entry> ceilings = new EnumMap<>(Setting.class);
  private final Problems problems;

  Layers(Problems problems) {
    this.problems = problems;
  }

  void add(Optional<Entry> entry) {
    entry.ifPresent(e -> put(guard, e));
  }

  void add(TomlSource.Content content) {
    content.claudex().forEach(this::addClaudex);
    // So that a limit that depends on another is compared with what the same file makes of that.
    content.settings().forEach(e -> put(guard, e));
    content.ceilings().forEach(this::addCeiling);
  }

  void addClaudex(Entry entry) {
    put(claudex, entry);
  }

  private void addCeiling(Entry entry) {
    ceilings.merge(
        entry.setting(), entry, (a, b) -> entry.setting().looser(b.value(), a.value()) ? a : b);
  }

  private void put(Map<Setting, Entry> into, Entry entry) {
    if (!entry.mayLoosen()) {
      Entry below = Effective.resolve(entry.setting(), guard, claudex);
      if (entry.setting().looser(entry.value(), below.value())) {
        problems.add(
            entry.where(),
            entry.setting().path()
                + ": a project's file may only tighten, and "
                + entry.value()
                + " is looser than "
                + below.value()
                + " ("
                + below.where()
                + "); remove it, or set it in a file of yours or the environment");
        return;
      }
    }
    into.put(entry.setting(), entry);
  }

  /** What is in force; values over a ceiling are problems, defaults over it are lowered to it. */
  Effective effective() {
    Map<Setting, Entry> all = new EnumMap<>(Setting.class);
    for (Setting s : Setting.values()) {
      all.put(s, bounded(Effective.resolve(s, guard, claudex)));
    }
    return Effective.of(all);
  }

  private Entry bounded(Entry entry) {
    Setting s = entry.setting();
    Entry ceiling = ceilings.get(s);
    if (ceiling == null || !s.looser(entry.value(), ceiling.value())) {
      return entry;
    }
    if (guard.containsKey(s) || claudex.containsKey(s)) {
      String what = s.path() + ": " + entry.value() + " is over the ceiling of " + ceiling.value();
      problems.add(entry.where(), what + " (" + ceiling.where() + "); lower it");
    }
    return new Entry(s, ceiling.value(), "ceiling at " + ceiling.where(), true);
  }
}
