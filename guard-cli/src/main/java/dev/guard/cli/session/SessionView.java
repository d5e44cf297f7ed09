package dev.guard.cli.session;

import com.google.gson.stream.JsonWriter;
import dev.guard.Layer;
import dev.guard.cli.shared.OptionalJson;
import dev.guard.cli.shared.Texts;
import dev.guard.command.Commands;
import dev.guard.command.LiveCommand;
import dev.guard.record.CommandRecord;
import dev.guard.record.LayersJson;
import dev.guard.session.LiveSession;
import dev.guard.session.Session;
import dev.guard.session.SessionSlice;
import dev.guard.session.Sessions;
import dev.guard.store.JsonStrings;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Shows a session to people and programs.
 *
 * @param command the session's command, while that lives
 * @param reserve the bounds of all sessions together; empty without a scope
 */
record SessionView(
    LiveSession live, Optional<LiveCommand> command, Optional<SessionSlice.Bounds> reserve) {

  static SessionView of(Commands commands, Sessions sessions, LiveSession live) throws IOException {
    Optional<CommandRecord> record = live.command();
    return new SessionView(
        live,
        record.isEmpty() ? Optional.empty() : Optional.of(commands.look(record.get())),
        sessions.reserve(live.session()));
  }

  private Session session() {
    return live.session();
  }

  private String state() {
    return live.state().name().toLowerCase(Locale.ROOT);
  }

  private String server() {
    return session().shared() ? "shared" : "own";
  }

  private String scope() {
    return session().unit().orElse("-");
  }

  private String age() {
    return Texts.time(session().age());
  }

  // ---- text

  static String toTable(List<SessionView> views) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "NAME",
            "ID",
            "STATE",
            "AGE",
            "ATTACHED",
            "PROCS",
            "MEMORY",
            "SERVER",
            "SCOPE",
            "COMMAND"));
    for (SessionView v : views) {
      rows.add(
          List.of(
              v.session().name(),
              v.command.map(c -> c.record().id()).orElse("-"),
              v.state(),
              v.age(),
              Integer.toString(v.live.attached()),
              v.command.map(c -> Integer.toString(c.processes())).orElse("-"),
              size(v.command.map(LiveCommand::memoryBytes).orElse(OptionalLong.empty())),
              v.server(),
              v.scope(),
              Texts.command(v.session().argv())));
    }
    return Texts.table(rows);
  }

  private static String size(OptionalLong bytes) {
    return bytes.isEmpty() ? "-" : Texts.size(bytes.getAsLong());
  }

  String toText() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("session", session().name()));
    rows.add(List.of("state", state()));
    rows.add(List.of("command", Texts.command(session().argv())));
    rows.add(List.of("id", command.map(c -> c.record().id()).orElse("-")));
    rows.add(List.of("age", age()));
    rows.add(List.of("attached", Integer.toString(live.attached())));
    rows.add(List.of("other windows", Integer.toString(live.windows().size())));
    rows.add(List.of("tmux server", server()));
    rows.add(List.of("scope", session().unit().orElse("none; it dies with who started it")));
    rows.add(List.of("all sessions", reserve.map(SessionView::bounds).orElse("not bounded")));
    for (LiveCommand c : command.stream().toList()) {
      rows.add(List.of("budget", c.record().budget()));
      rows.add(List.of("processes", Integer.toString(c.processes())));
      rows.add(List.of("memory", size(c.memoryBytes())));
      for (Layer layer : c.record().layers()) {
        rows.add(
            List.of(
                layer.name().text(),
                layer.state().name().toLowerCase(Locale.ROOT)
                    + (layer.limit().isEmpty() ? "" : " " + layer.limit())
                    + (layer.detail().isEmpty() ? "" : " (" + layer.detail() + ")")));
      }
    }
    return Texts.table(rows);
  }

  private static String bounds(SessionSlice.Bounds b) {
    return SessionSlice.UNIT
        + ": memory "
        + size(b.memory())
        + ", tasks "
        + (b.tasks().isEmpty() ? "-" : b.tasks().getAsLong());
  }

  // ---- JSON

  static String toJson(List<SessionView> views) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonWriter out = new JsonWriter(text)) {
      out.setIndent("  ");
      out.setHtmlSafe(false);
      out.beginArray();
      for (SessionView v : views) {
        v.write(out);
      }
      out.endArray();
    }
    return text + "\n";
  }

  private void write(JsonWriter out) throws IOException {
    out.beginObject();
    out.name("name").value(session().name());
    out.name("id").value(command.map(c -> c.record().id()).orElse(null));
    out.name("state").value(state());
    JsonStrings.write(out, "argv", session().argv());
    out.name("requested").value(session().requested().toString());
    out.name("attached").value(live.attached());
    out.name("windows").beginArray();
    for (CommandRecord window : live.windows()) {
      out.value(window.id());
    }
    out.endArray();
    out.name("server").value(server());
    out.name("scope").value(session().unit().orElse(null));
    OptionalJson.number(
        out, "sessions_memory_max", reserve.map(b -> b.memory()).orElse(OptionalLong.empty()));
    OptionalJson.number(
        out, "sessions_pids_max", reserve.map(b -> b.tasks()).orElse(OptionalLong.empty()));
    if (command.isPresent()) {
      out.name("budget").value(command.get().record().budget());
      out.name("processes").value(command.get().processes());
      OptionalJson.number(out, "memory_bytes", command.get().memoryBytes());
      LayersJson.write(out, command.get().record().layers());
    }
    out.endObject();
  }
}
