package dev.guard.doctor.namespace;

import dev.guard.doctor.finding.NamespaceFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The facts about a namespace for people: one a line, in columns. */
final class NamespaceLines {
  private static final int PROCESSES = 20;
  private static final int MOUNTS = 5;

  private NamespaceLines() {}

  /**
   * The lines.
   *
   * @param host the key of the host's namespace
   */
  static List<String> of(
      NamespaceFacts facts, NamespaceView view, Optional<NamespaceCause> cause, String host) {
    List<String> lines = new ArrayList<>();
    lines.addAll(columns(processes(facts)));
    lines.addAll(columns(paths(view)));
    lines.addAll(columns(buses(facts)));
    if (cause.isPresent()) {
      lines.addAll(columns(elsewhere(view)));
      lines.add("cause      " + cause.get().text());
      cause.get().silent().forEach(why -> lines.add("not asked  " + why));
      lines.add("namespace  mount " + facts.id() + " is at /, for process 1 mount " + host);
    }
    if (cause.isPresent() && facts.own()) {
      lines.add("attention  guard is in it: run the remedy outside, as after a new login");
    }
    return lines;
  }

  private static List<List<String>> processes(NamespaceFacts facts) {
    List<List<String>> rows = new ArrayList<>();
    for (NamespaceFacts.SeenProcess p : cut(facts.processes(), PROCESSES)) {
      rows.add(
          List.of(
              "process",
              Integer.toString(p.pid()),
              p.why(),
              p.user(),
              p.unit().orElse("no unit"),
              p.cgroup(),
              p.command()));
    }
    more(facts.processes(), PROCESSES, "process", rows);
    return rows;
  }

  private static List<List<String>> paths(NamespaceView view) {
    return view.directories().stream().map(s -> path("path", s)).toList();
  }

  private static List<List<String>> elsewhere(NamespaceView view) {
    List<List<String>> rows = new ArrayList<>();
    cut(view.elsewhere(), MOUNTS).forEach(s -> rows.add(path("elsewhere", s)));
    more(view.elsewhere(), MOUNTS, "elsewhere", rows);
    return rows;
  }

  private static List<String> path(String label, PathComparison s) {
    return List.of(
        label,
        s.path(),
        s.text(),
        s.isSame() ? "as process 1" : s.differenceText() + "; process 1: " + s.hostText());
  }

  private static List<List<String>> buses(NamespaceFacts facts) {
    return facts.buses().stream()
        .map(b -> List.of("bus", b.path(), b.reachable() ? "reachable" : b.reason()))
        .toList();
  }

  private static <T> List<T> cut(List<T> all, int most) {
    return all.subList(0, Math.min(most, all.size()));
  }

  private static void more(List<?> all, int most, String label, List<List<String>> rows) {
    if (all.size() > most) {
      rows.add(List.of(label, "and " + (all.size() - most) + " more"));
    }
  }

  /** As wide as they need to be, but for the last; the first is as wide in all tables. */
  private static List<String> columns(List<List<String>> rows) {
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size() - 1; i++) {
        int width = i == 0 ? "elsewhere".length() : width(rows, i);
        line.append(String.format("%-" + width + "s  ", row.get(i)));
      }
      lines.add(line + row.get(row.size() - 1));
    }
    return lines;
  }

  private static int width(List<List<String>> rows, int column) {
    // The last row may say how many more there are.
    return rows.stream()
        .filter(row -> row.size() > column + 1)
        .mapToInt(row -> row.get(column).length())
        .reduce(1, Math::max);
  }
}
