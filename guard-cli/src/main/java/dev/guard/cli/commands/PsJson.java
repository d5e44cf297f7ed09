package dev.guard.cli.commands;

import com.google.gson.stream.JsonWriter;
import dev.guard.cli.shared.OptionalJson;
import dev.guard.command.LiveCommand;
import dev.guard.os.OsString;
import dev.guard.record.CommandRecord;
import dev.guard.record.EndedCommand;
import dev.guard.record.LayersJson;
import dev.guard.store.JsonStrings;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Shows commands to programs: {@code guard ps --json}. */
final class PsJson {
  private static final String ENDED = "ended";
  private static final Duration SAME_CLOCK = Duration.ofSeconds(1);

  private PsJson() {}

  /** Answers one array with an object for each command. */
  static String of(List<LiveCommand> live, List<EndedCommand> ended) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonWriter out = new JsonWriter(text)) {
      out.setIndent("  ");
      out.setHtmlSafe(false);
      out.beginArray();
      for (LiveCommand l : live) {
        CommandRecord r = l.record();
        out.beginObject();
        common(out, r.id(), r.name().orElse(null), r.budget(), PsTable.state(l), r.argv());
        JsonStrings.write(out, r.labels());
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
        OptionalJson.number(out, "cpu_micros", l.cpuMicros());
        OptionalJson.number(out, "memory_bytes", l.memoryBytes());
        out.name("output_lost_bytes").value(r.outputLost());
        LayersJson.write(out, r.layers());
        out.endObject();
      }
      for (EndedCommand e : ended) {
        out.beginObject();
        common(out, e.id(), e.name().orElse(null), e.budget(), ENDED, e.argv());
        JsonStrings.write(out, e.labels());
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

  /**
   * Answers the deadline by the wall clock as it is now: the record's is another one once somebody
   * has set it.
   */
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
}
