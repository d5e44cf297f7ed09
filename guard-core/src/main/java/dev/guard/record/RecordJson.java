package dev.guard.record;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.stream.JsonWriter;
import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.cgroup.CommandCgroups;
import dev.guard.os.OsString;
import dev.guard.os.ProcessId;
import dev.guard.process.Member;
import dev.guard.store.CommandId;
import dev.guard.store.Json;
import dev.guard.store.JsonStrings;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** Writes and reads the record of a live command as JSON, the text of its file. */
final class RecordJson {
  private static final int VERSION = 1;

  private RecordJson() {}

  /** Says that the text is none that a guard writes. */
  static final class DamagedRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    DamagedRecordException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Says that a newer guard has written the text, which is for that guard to read. */
  static final class NewerException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  // ---- write

  static String format(CommandRecord r, String bootId) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setHtmlSafe(false);
      json.beginObject();
      json.name("version").value(VERSION);
      json.name("boot").value(bootId);
      json.name("id").value(r.id());
      json.name("name").value(r.name().orElse(null));
      json.name("budget").value(r.budget());
      JsonStrings.write(json, "argv", r.argv());
      JsonStrings.write(json, "directory", r.directory().map(List::of).orElse(List.of()));
      json.name("detached").value(r.detached());
      json.name("outer").value(r.outer().orElse(null));
      json.name("requested").value(r.requested().toString());
      monotonic(json, "requested_monotonic", r.monotonic().requested());
      owner(json, "guard", Optional.of(r.guard()));
      member(json, r.member());
      owner(json, "lifeline", Optional.of(r.lifeline()));
      json.name("deadline").value(r.deadline().map(Instant::toString).orElse(null));
      monotonic(json, "deadline_monotonic", r.monotonic().deadline());
      json.name("kill_after").value(r.killAfter().map(Duration::toString).orElse(null));
      LayersJson.write(json, r.layers());
      if (r.left().isPresent()) {
        json.name("left").beginObject();
        owner(json, "until", r.left().get().until());
        json.endObject();
      }
      strays(json, r.strays());
      json.name("output_lost_bytes").value(r.outputLost());
      json.name("in_reserve").value(r.inReserve());
      JsonStrings.write(json, r.labels());
      json.endObject();
    } catch (IOException e) {
      throw new AssertionError("a StringWriter does not fail", e);
    }
    return text + "\n";
  }

  private static void monotonic(JsonWriter json, String name, OptionalLong nanos)
      throws IOException {
    if (nanos.isPresent()) {
      json.name(name).value(nanos.getAsLong());
    }
  }

  private static void owner(JsonWriter json, String name, Optional<ProcessId> owner)
      throws IOException {
    if (owner.isPresent()) {
      json.name(name).beginObject();
      json.name("pid").value(owner.get().pid());
      json.name("start").value(owner.get().startTicks());
      json.endObject();
    }
  }

  private static void strays(JsonWriter json, List<ProcessId> strays) throws IOException {
    json.name("strays").beginArray();
    for (ProcessId stray : strays) {
      json.beginObject();
      json.name("pid").value(stray.pid());
      json.name("start").value(stray.startTicks());
      json.endObject();
    }
    json.endArray();
  }

  private static void member(JsonWriter json, Optional<Member> member) throws IOException {
    if (member.isEmpty()) {
      return;
    }
    Member m = member.get();
    owner(json, "main", Optional.of(new ProcessId(m.main(), m.mainStart())));
    json.name("adopter").value(m.adopter());
    json.name("adopters_lifeline").value(m.lifeline());
    json.name("cgroups").beginArray();
    for (Path cgroup : m.cgroups()) {
      json.value(cgroup.toString());
    }
    json.endArray();
  }

  // ---- read

  /** Reads a record; empty when it is of another boot, so that nothing of the command can live. */
  static Optional<CommandRecord> parse(String text, String bootId)
      throws DamagedRecordException, NewerException {
    try {
      JsonObject json = Json.object(text);
      int version = json.get("version").getAsInt();
      if (version > VERSION) {
        throw new NewerException();
      }
      if (version != VERSION) {
        throw new JsonParseException("it is of version " + version);
      }
      return json.get("boot").getAsString().equals(bootId)
          ? Optional.of(parse(json))
          : Optional.empty();
    } catch (JsonParseException e) {
      throw new DamagedRecordException(e.getMessage(), e);
    } catch (IllegalStateException
        | NullPointerException
        | ClassCastException
        | UnsupportedOperationException
        | IllegalArgumentException
        | DateTimeException e) {
      // The library's own words name the whole text, or its handbook.
      throw new DamagedRecordException("it is no whole record", e);
    }
  }

  private static CommandRecord parse(JsonObject json) {
    List<OsString> directory = JsonStrings.read(json, "directory");
    return new CommandRecord(
        JsonStrings.id(json),
        JsonStrings.name(json),
        JsonStrings.budget(json),
        JsonStrings.read(json, "argv"),
        directory.isEmpty() ? Optional.empty() : Optional.of(directory.get(0)),
        json.get("detached").getAsBoolean(),
        JsonStrings.text(json, "outer").filter(CommandId::is),
        Instant.parse(json.get("requested").getAsString()),
        owner(json, "guard").orElseThrow(() -> new JsonParseException("no guard")),
        owner(json, "main").map(main -> member(json, main)),
        owner(json, "lifeline").orElseThrow(() -> new JsonParseException("no lifeline")),
        JsonStrings.text(json, "deadline").map(Instant::parse),
        JsonStrings.text(json, "kill_after").map(Duration::parse),
        layers(json),
        json.has("left")
            ? Optional.of(new CommandRecord.Left(owner(json.getAsJsonObject("left"), "until")))
            : Optional.empty(),
        strays(json),
        // A guard that did not write the number yet lost output without a word.
        json.has("output_lost_bytes") ? json.get("output_lost_bytes").getAsLong() : 0,
        new Monotonic(
            monotonic(json, "requested_monotonic"), monotonic(json, "deadline_monotonic")),
        json.has("in_reserve") && json.get("in_reserve").getAsBoolean(),
        JsonStrings.labels(json));
  }

  private static OptionalLong monotonic(JsonObject json, String name) {
    return json.has(name) ? OptionalLong.of(json.get(name).getAsLong()) : OptionalLong.empty();
  }

  private static List<ProcessId> strays(JsonObject json) {
    List<ProcessId> strays = new ArrayList<>();
    if (json.has("strays")) {
      json.getAsJsonArray("strays").forEach(s -> strays.add(process(s.getAsJsonObject())));
    }
    return strays;
  }

  private static Member member(JsonObject json, ProcessId main) {
    String id = json.get("id").getAsString();
    List<Path> cgroups = new ArrayList<>();
    for (JsonElement cgroup : json.getAsJsonArray("cgroups")) {
      Path path = Path.of(cgroup.getAsString());
      // All processes in this cgroup are killed one day, so it must be the command's.
      if (!path.isAbsolute() || !CommandCgroups.isOf(id, path)) {
        throw new InvalidPathException(path.toString(), "not the cgroup of command " + id);
      }
      cgroups.add(path);
    }
    return new Member(
        id,
        main.pid(),
        main.startTicks(),
        json.get("adopter").getAsInt(),
        json.get("adopters_lifeline").getAsInt(),
        cgroups);
  }

  static List<Layer> layers(JsonObject json) {
    List<Layer> layers = new ArrayList<>();
    for (JsonElement element : json.getAsJsonArray("layers")) {
      JsonObject layer = element.getAsJsonObject();
      Optional<LayerName> name = layerName(layer.get("name").getAsString());
      if (name.isEmpty()) {
        // The layer is of a newer guard. To take the record for damaged would lose its command.
        continue;
      }
      layers.add(
          new Layer(
              name.get(),
              Layer.State.valueOf(layer.get("state").getAsString().toUpperCase(Locale.ROOT)),
              layer.get("limit").getAsString(),
              layer.get("detail").getAsString(),
              layer.has("lost") && layer.get("lost").getAsBoolean()));
    }
    return layers;
  }

  private static Optional<LayerName> layerName(String text) {
    return Arrays.stream(LayerName.values()).filter(n -> n.text().equals(text)).findFirst();
  }

  private static Optional<ProcessId> owner(JsonObject json, String name) {
    if (!json.has(name)) {
      return Optional.empty();
    }
    return Optional.of(process(json.getAsJsonObject(name)));
  }

  private static ProcessId process(JsonObject json) {
    int pid = json.get("pid").getAsInt();
    // To kill(2) negative numbers are groups, and -1 is everybody.
    if (pid < 0 && pid != Member.NOBODY) {
      throw new JsonParseException("process " + pid + " is none");
    }
    return new ProcessId(pid, json.get("start").getAsLong());
  }
}
