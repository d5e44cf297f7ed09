package dev.guard.cli.commands;

import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.cli.shared.Texts;
import dev.guard.command.LiveCommand;
import dev.guard.record.CommandRecord;
import dev.guard.record.EndedCommand;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Shows commands to people: {@code guard ps}. */
final class PsTable {
  private static final int BEFORE_AGENTS = 3;

  private PsTable() {}

  /** Answers the table: one command a line. */
  static String of(PsOrder live, List<EndedCommand> ended) {
    AgentColumns agents = new AgentColumns(BEFORE_AGENTS, isOfAgents(live, ended));
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        agents.head(
            List.of(
                "ID", "NAME", "BUDGET", "STATE", "AGE", "PROCS", "CPU", "MEMORY", "LEFT", "LIMITS",
                "COMMAND")));
    for (LiveCommand l : live.ordered()) {
      CommandRecord r = l.record();
      rows.add(
          agents.row(
              List.of(
                  r.id(),
                  r.name().orElse("-"),
                  r.budget(),
                  state(l),
                  Texts.time(r.age()),
                  Integer.toString(l.processes()),
                  l.cpuMicros().isEmpty()
                      ? "-"
                      : String.format(Locale.ROOT, "%.1fs", l.cpuMicros().getAsLong() / 1e6),
                  l.memoryBytes().isEmpty() ? "-" : Texts.size(l.memoryBytes().getAsLong()),
                  r.timeLeft().map(Texts::time).orElse("-"),
                  limits(r.layers()),
                  live.branch(l) + Texts.command(r.argv())),
              r.labels()));
    }
    for (EndedCommand e : ended) {
      rows.add(
          agents.row(
              List.of(
                  e.id(),
                  e.name().orElse("-"),
                  e.budget(),
                  "ended " + e.exitCode(),
                  Texts.time(Duration.between(e.requested(), Instant.now())),
                  "0",
                  "-",
                  "-",
                  "-",
                  "-",
                  Texts.command(e.argv())),
              e.labels()));
    }
    return Texts.table(rows);
  }

  private static boolean isOfAgents(PsOrder live, List<EndedCommand> ended) {
    return live.ordered().stream().anyMatch(l -> l.record().labels().agent().isPresent())
        || ended.stream().anyMatch(e -> e.labels().agent().isPresent());
  }

  /** Answers the word for the state of a live command. */
  static String state(LiveCommand l) {
    return l.state().name().toLowerCase(Locale.ROOT);
  }

  /**
   * Names the layers that bound the command; one that was asked for and is not in force has a
   * question mark.
   */
  private static String limits(List<Layer> layers) {
    String text =
        layers.stream()
            .filter(l -> l.state() != Layer.State.OFF && !l.limit().isEmpty())
            .filter(l -> l.name() != LayerName.PROCESS_GROUP && l.name() != LayerName.TIMEOUT)
            .map(
                l ->
                    l.name().text()
                        + "="
                        + l.limit()
                        + (l.state() == Layer.State.ACTIVE ? "" : "?"))
            .collect(Collectors.joining(","));
    return text.isEmpty() ? "-" : text;
  }
}
