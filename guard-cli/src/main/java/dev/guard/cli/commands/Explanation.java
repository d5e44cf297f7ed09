package dev.guard.cli.commands;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.stream.JsonWriter;
import dev.guard.Cause;
import dev.guard.LayerName;
import dev.guard.cli.shared.OptionalJson;
import dev.guard.cli.shared.Texts;
import dev.guard.os.Signals;
import dev.guard.record.EndedCommand;
import dev.guard.store.Json;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** Explains from a command's report, at length, why the command ended as it did. */
final class Explanation {
  private static final BigDecimal MICROS = BigDecimal.valueOf(1_000_000);

  private final EndedCommand command;
  private final JsonObject report;
  private final JsonObject usage;

  Explanation(EndedCommand command) {
    this.command = command;
    this.report = Json.object(command.json());
    this.usage = report.getAsJsonObject("usage");
  }

  /** Answers the text for people, which ends with a newline. */
  String text(ZoneId zone) {
    List<String> lines = new ArrayList<>();
    lines.add("command " + command.id() + command.name().map(n -> " (" + n + ")").orElse(""));
    lines.add("  " + Texts.command(command.argv()));
    lines.add(
        "ended "
            + Texts.moment(command.ended(), zone)
            + directory().map(d -> " in " + Texts.shown(d)).orElse("")
            + ", exit status "
            + command.exitCode()
            + ", cause "
            + command.cause());
    lines.add(why());
    part(lines, "Guard said:", command.messages());
    part(lines, "Beside that:", texts(report.getAsJsonArray("notes")));
    part(lines, "Not in force:", notInForce());
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line).append('\n'));
    if (!layers().isEmpty()) {
      text.append("Limits, and what was used:\n");
      text.append(Texts.table(numbers()).indent(2));
    }
    next().ifPresent(step -> text.append("What to do: ").append(step).append('\n'));
    return text.toString();
  }

  private static void part(List<String> lines, String head, List<String> each) {
    if (!each.isEmpty()) {
      lines.add(head);
      each.forEach(line -> lines.add("  " + Texts.shown(line)));
    }
  }

  /** Answers one JSON object, on one line that ends with a newline. */
  String json() {
    StringWriter text = new StringWriter();
    try (JsonWriter out = new JsonWriter(text)) {
      out.setHtmlSafe(false);
      out.beginObject();
      out.name("id").value(command.id());
      out.name("state").value("ended");
      out.name("cause").value(command.cause());
      out.name("exit_code").value(command.exitCode());
      out.name("why").value(why());
      out.name("next").value(next().orElse(null));
      out.name("limits").beginArray();
      for (JsonObject layer : layers()) {
        String name = layer.get("name").getAsString();
        out.beginObject();
        out.name("name").value(name);
        out.name("state").value(layer.get("state").getAsString());
        out.name("limit").value(layer.get("limit").getAsString());
        out.name("used");
        Optional<BigDecimal> used = used(name);
        if (used.isPresent()) {
          out.value(used.get());
        } else {
          out.nullValue();
        }
        out.endObject();
      }
      out.endArray();
      OptionalJson.number(out, "forks_refused", number("forks_refused"));
      OptionalJson.number(out, "oom_kills", number("oom_kills"));
      out.name("report").jsonValue(command.json());
      out.endObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text + "\n";
  }

  /** Answers where the command worked; empty when that had been removed. */
  Optional<String> directory() {
    JsonElement directory = report.get("directory");
    return directory == null || directory.isJsonNull()
        ? Optional.empty()
        : Optional.of(directory.getAsString());
  }

  private Optional<Cause> cause() {
    for (Cause cause : Cause.values()) {
      if (cause.text().equals(command.cause())) {
        return Optional.of(cause);
      }
    }
    return Optional.empty();
  }

  private int signal() {
    JsonElement signal = report.getAsJsonObject("exit").get("signal");
    return signal == null || signal.isJsonNull() ? 0 : signal.getAsInt();
  }

  /** Says in one sentence what happened. */
  private String why() {
    return cause().map(this::why).orElse("a later version of Guard wrote this, with another cause");
  }

  private String why(Cause cause) {
    return switch (cause) {
      case EXITED -> exited();
      case SIGNALLED ->
          "signal " + signal() + " ended its main process, and not for a limit of Guard's";
      case TIMEOUT -> "it ran longer than its timeout, and Guard ended it with all its processes";
      case CPU_TIME -> "it had used up its processor time";
      case PIDS ->
          number("forks_refused").orElse(0) > 0
              ? "it failed after the kernel had refused it new processes or threads, at its limit"
              : "it had more processes and threads than its limit, and Guard ended it";
      case MEMORY -> "the kernel killed a process of it, since it was at its limit of memory";
      case REFUSED_PROCESSES -> "it was not run: too many commands of its budget, or of you, lived";
      case REFUSED_RATE -> "it was not run: too many commands had been started in a short time";
      case REFUSED_CONTAINMENT -> "it was not run: a layer that is required could not be in force";
      case CANCELLED ->
          "its caller ended it, as by Ctrl-C, guard stop, or a signal to guard"
              + (signal() == 0 ? "" : ": it died of signal " + signal());
      case GUARD_ERROR -> "Guard could not do its work";
    };
  }

  private String exited() {
    return switch (command.exitCode()) {
      case 0 -> "it ended by itself, and well";
      case 126 -> "its program can not be executed, or it ended by itself with this status";
      case 127 -> "its program was not found, or it ended by itself with this status";
      default -> "it ended by itself with this status; Guard has not ended it";
    };
  }

  /** Says what whoever wants another end can do; empty where nothing is to be said. */
  private Optional<String> next() {
    return cause()
        .map(
            cause ->
                switch (cause) {
                  case EXITED ->
                      command.exitCode() == 0 ? null : "read what it printed; the reason is there";
                  case SIGNALLED -> signalled();
                  case TIMEOUT ->
                      "give it more time (--timeout), or keep a server: guard exec --detach --name NAME -- ...";
                  case CPU_TIME -> "give it more (--cpu-time), or find what computes so long";
                  case PIDS -> "let it start fewer at once (as make -j2), or raise --pids-max";
                  case MEMORY ->
                      "let it use less (fewer at once, a smaller heap), or raise --memory-max";
                  case REFUSED_PROCESSES ->
                      "end one of those that guard ps lists, by guard stop ID; or wait for a place: --wait SECONDS";
                  case REFUSED_RATE -> "try again later, and start fewer commands at once";
                  case REFUSED_CONTAINMENT, GUARD_ERROR -> "guard doctor says what this host lacks";
                  case CANCELLED -> null;
                });
  }

  private String signalled() {
    return switch (signal()) {
      case Signals.KILL ->
          "SIGKILL comes from guard kill, from another program, or from the kernel when memory above"
              + " the command's own limit is over: see guard doctor headroom";
      case Signals.TERM, Signals.INT, Signals.HUP ->
          "somebody ended it, as by guard stop, kill(1), Ctrl-C or a closed terminal";
      default -> "read what it printed; such a signal is mostly a fault of the program itself";
    };
  }

  private List<JsonObject> layers() {
    List<JsonObject> layers = new ArrayList<>();
    report.getAsJsonArray("layers").forEach(layer -> layers.add(layer.getAsJsonObject()));
    return layers;
  }

  private List<String> notInForce() {
    return layers().stream()
        .filter(layer -> layer.get("state").getAsString().equals("degraded"))
        .map(layer -> layer.get("name").getAsString() + ": " + layer.get("detail").getAsString())
        .toList();
  }

  /** Makes the table of the limits that can be compared with what was used. */
  private List<List<String>> numbers() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("LAYER", "STATE", "LIMIT", "USED"));
    for (JsonObject layer : layers()) {
      String name = layer.get("name").getAsString();
      String limit = layer.get("limit").getAsString();
      rows.add(
          List.of(
              name,
              layer.get("state").getAsString(),
              limit.isEmpty() ? "-" : shown(name, new BigDecimal(limit)),
              used(name).map(n -> shown(name, n)).orElse("-") + refusals(name)));
    }
    return rows;
  }

  private String refusals(String layer) {
    if (layer.equals(LayerName.PIDS.text()) && number("forks_refused").orElse(0) > 0) {
      return ", " + number("forks_refused").getAsLong() + " refused";
    }
    if (layer.equals(LayerName.MEMORY.text()) && number("oom_kills").orElse(0) > 0) {
      return ", " + number("oom_kills").getAsLong() + " killed";
    }
    return "";
  }

  /** Answers what was used of a layer, in the unit of its limit; empty: nothing measures it. */
  private Optional<BigDecimal> used(String layer) {
    if (layer.equals(LayerName.PIDS.text())) {
      return decimal(number("peak_pids"));
    }
    if (layer.equals(LayerName.MEMORY.text())) {
      return decimal(number("peak_memory_bytes"));
    }
    if (layer.equals(LayerName.CPU_TIME.text())) {
      return decimal(number("cpu_micros")).map(n -> n.divide(MICROS));
    }
    if (layer.equals(LayerName.TIMEOUT.text())) {
      return Optional.of(report.getAsJsonObject("times").get("ran_seconds").getAsBigDecimal());
    }
    return Optional.empty();
  }

  private static String shown(String layer, BigDecimal number) {
    if (layer.equals(LayerName.MEMORY.text())) {
      return Texts.size(number.longValue());
    }
    boolean time =
        layer.equals(LayerName.CPU_TIME.text()) || layer.equals(LayerName.TIMEOUT.text());
    return time
        ? String.format(Locale.ROOT, "%.2f s", number)
        : number.stripTrailingZeros().toPlainString();
  }

  private static Optional<BigDecimal> decimal(OptionalLong number) {
    return number.isPresent()
        ? Optional.of(BigDecimal.valueOf(number.getAsLong()))
        : Optional.empty();
  }

  private OptionalLong number(String name) {
    JsonElement number = usage.get(name);
    return number == null || number.isJsonNull()
        ? OptionalLong.empty()
        : OptionalLong.of(number.getAsLong());
  }

  private static List<String> texts(JsonArray array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.getAsString()));
    return texts;
  }
}
