package dev.guard.record;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import dev.guard.os.OsString;
import dev.guard.store.Json;
import dev.guard.store.JsonStrings;
import dev.guard.value.AgentLabels;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Holds what is known of a command that has ended: its report, and the parts that are asked for
 * most.
 *
 * @param id the command's id
 * @param name the name that people called the command by
 * @param budget the budget that the command ran in
 * @param labels which agent had started the command
 * @param argv the words of the command, as requested
 * @param requested wall clock, when the request came
 * @param ended wall clock, when all was over
 * @param exitCode the exit status that guard exec had for the command
 * @param cause why the command ended, as in the report
 * @param messages the lines that guard said about the command
 * @param keeps whether processes of the command were left alive by its policy
 * @param outputLost the bytes of output that were lost
 * @param json the report itself, one line
 */
public record EndedCommand(
    String id,
    Optional<String> name,
    String budget,
    AgentLabels labels,
    List<OsString> argv,
    Instant requested,
    Instant ended,
    int exitCode,
    String cause,
    List<String> messages,
    boolean keeps,
    long outputLost,
    String json) {

  /** Reads a report; empty when the text is none that a guard writes. */
  static Optional<EndedCommand> parse(String line) {
    try {
      JsonObject json = Json.object(line);
      JsonObject times = json.getAsJsonObject("times");
      JsonObject exit = json.getAsJsonObject("exit");
      List<String> messages = new ArrayList<>();
      for (JsonElement message : exit.getAsJsonArray("messages")) {
        messages.add(message.getAsString());
      }
      return Optional.of(
          new EndedCommand(
              JsonStrings.id(json),
              JsonStrings.name(json),
              JsonStrings.budget(json),
              JsonStrings.labels(json),
              JsonStrings.read(json, "argv"),
              Instant.parse(times.get("requested").getAsString()),
              Instant.parse(times.get("ended").getAsString()),
              exit.get("code").getAsInt(),
              exit.get("cause").getAsString(),
              messages,
              json.get("leftovers_kept").getAsInt() > 0,
              json.has("output_lost_bytes") ? json.get("output_lost_bytes").getAsLong() : 0,
              line));
    } catch (JsonParseException
        | IllegalStateException
        | NullPointerException
        | ClassCastException
        | UnsupportedOperationException
        | IllegalArgumentException
        | DateTimeException e) {
      // The line was cut off by a full disk or a power failure, or written by something else.
      return Optional.empty();
    }
  }
}
