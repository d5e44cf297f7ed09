package dev.guard.cli;

import com.google.gson.stream.JsonWriter;
import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.command.Commands;
import dev.guard.command.LiveCommand;
import dev.guard.os.OsString;
import dev.guard.record.CommandRecord;
import dev.guard.record.EndedCommand;
import dev.guard.record.LayersJson;
import dev.guard.store.JsonStrings;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code guard ps}. */
@Command(
    name = "ps",
    description = "Lists your commands that live.",
    mixinStandardHelpOptions = true)
final class PsCommand implements Callable<Integer> {
  private static final String ENDED = "ended";
  private static final Duration SAME_CLOCK = Duration.ofSeconds(1);

  @Option(
      names = {"-a", "--all"},
      description = "Also detached commands that have ended.")
  private boolean all;

  @Option(names = "--json", description = "As one JSON array.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    Commands commands = Commands.ofUser(Messages::print);
    if (all) {
      commands.removeDesertedStores();
    }
    List<LiveCommand> live = new ArrayList<>();
    for (CommandRecord record : commands.records()) {
      live.add(commands.look(record));
    }
    live = asTree(live);
    List<EndedCommand> ended = all ? commands.ended() : List.of();
    String text = json ? toJson(live, ended) : toText(live, ended);
    System.out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    live.forEach(l -> Messages.ofLost(l.record().id(), l.record().outputLost()));
    ended.forEach(e -> Messages.ofLost(e.id(), e.outputLost()));
    return 0;
  }

  // ---- the tree

  /** Each command is followed by those that were started in it. */
  private static List<LiveCommand> asTree(List<LiveCommand> live) {
    List<LiveCommand> tree = new ArrayList<>();
    live.stream().filter(l -> outer(l, live).isEmpty()).forEach(l -> addWithInner(l, live, tree));
    return tree;
  }

  private static void addWithInner(
      LiveCommand one, List<LiveCommand> live, List<LiveCommand> tree) {
    tree.add(one);
    live.stream()
        .filter(l -> outer(l, live).filter(one::equals).isPresent())
        .forEach(l -> addWithInner(l, live, tree));
  }

  /** The live command that this one was started in. */
  private static Optional<LiveCommand> outer(LiveCommand inner, List<LiveCommand> live) {
    Optional<String> id = inner.record().outer();
    return live.stream()
        .filter(l -> id.filter(l.record().id()::equals).isPresent())
        // A wrong environment could name the command itself, or one that was started later.
        .filter(l -> l.record().age().compareTo(inner.record().age()) > 0)
        .findFirst();
  }

  private static String branch(LiveCommand one, List<LiveCommand> live) {
    String indent = indent(one, live);
    return indent.isEmpty() ? "" : indent.substring(2) + "\\_ ";
  }

  private static String indent(LiveCommand one, List<LiveCommand> live) {
    Optional<LiveCommand> outer = outer(one, live);
    return outer.isEmpty() ? "" : "  " + indent(outer.get(), live);
  }

  // ---- text

  private String toText(List<LiveCommand> live, List<EndedCommand> ended) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "ID", "NAME", "BUDGET", "STATE", "AGE", "PROCS", "CPU", "MEMORY", "LEFT", "LIMITS",
            "COMMAND"));
    for (LiveCommand l : live) {
      CommandRecord r = l.record();
      rows.add(
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
              branch(l, live) + Texts.command(r.argv())));
    }
    for (EndedCommand e : ended) {
      rows.add(
          List.of(
              e.id(),
              e.name().orElse("-"),
              e.budget(),
              ENDED + " " + e.exitCode(),
              Texts.time(Duration.between(e.requested(), Instant.now())),
              "0",
              "-",
              "-",
              "-",
              "-",
              Texts.command(e.argv())));
    }
    return Texts.table(rows);
  }

  private static String state(LiveCommand l) {
    return l.state().name().toLowerCase(Locale.ROOT);
  }

  /** What bounds it; what was asked for and is not in force has a question mark. */
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

  // ---- JSON

  private static String toJson(List<LiveCommand> live, List<EndedCommand> ended)
      throws IOException {
    StringWriter text = new StringWriter();
    try (JsonWriter out = new JsonWriter(text)) {
      out.setIndent("  ");
      out.setHtmlSafe(false);
      out.beginArray();
      for (LiveCommand l : live) {
        CommandRecord r = l.record();
        out.beginObject();
        common(out, r.id(), r.name().orElse(null), r.budget(), state(l), r.argv());
        out.name("directory").value(r.directory().map(OsString::toString).orElse(null));
        out.name("detached").value(r.detached());
        out.name("outer").value(r.outer().orElse(null));
        out.name("requested").value(r.requested().toString());
        out.name("deadline").value(deadline(r));
        out.name("guard_pid").value(r.guard().pid());
        out.name("main_pid");
        if (r.member().isPresent()) {
          out.value(r.member().get().main());
        } else {
          out.nullValue();
        }
        out.name("processes").value(l.processes());
        number(out, "cpu_micros", l.cpuMicros());
        number(out, "memory_bytes", l.memoryBytes());
        out.name("output_lost_bytes").value(r.outputLost());
        LayersJson.write(out, r.layers());
        out.endObject();
      }
      for (EndedCommand e : ended) {
        out.beginObject();
        common(out, e.id(), e.name().orElse(null), e.budget(), ENDED, e.argv());
        out.name("requested").value(e.requested().toString());
        out.name(ENDED).value(e.ended().toString());
        out.name("exit_code").value(e.exitCode());
        out.name("cause").value(e.cause());
        out.name("output_lost_bytes").value(e.outputLost());
        out.endObject();
      }
      out.endArray();
    }
    return text + "\n";
  }

  /** By the wall clock as it is now: the record's is another one once somebody has set it. */
  private static String deadline(CommandRecord r) {
    if (r.timeLeft().isEmpty()) {
      return null;
    }
    Instant recorded = r.deadline().orElseThrow();
    Instant today = Instant.now().plus(r.timeLeft().get());
    boolean same = Duration.between(recorded, today).abs().compareTo(SAME_CLOCK) < 0;
    return (same ? recorded : today).toString();
  }

  private static void common(
      JsonWriter out, String id, String name, String budget, String state, List<OsString> argv)
      throws IOException {
    out.name("id").value(id);
    out.name("name").value(name);
    out.name("budget").value(budget);
    out.name("state").value(state);
    JsonStrings.write(out, "argv", argv);
  }

  static void number(JsonWriter out, String name, OptionalLong value) throws IOException {
    out.name(name);
    if (value.isPresent()) {
      out.value(value.getAsLong());
    } else {
      out.nullValue();
    }
  }
}
