package dev.guard.session;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.stream.JsonWriter;
import dev.guard.os.OsString;
import dev.guard.os.OwnFiles;
import dev.guard.store.Json;
import dev.guard.store.JsonStrings;
import dev.guard.value.Environment;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.OptionalLong;

/** Writes the files of sessions as JSON, and reads them. */
final class SessionJson {
  private static final int VERSION = 1;

  private SessionJson() {}

  private interface Members {
    void write(JsonWriter json) throws IOException;
  }

  private interface Reader<T> {
    T read(JsonObject json) throws IOException;
  }

  private static String object(Members members) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.beginObject();
      members.write(json);
      json.endObject();
    }
    return text.toString();
  }

  /** Reads a file; any fault in it is one reason, so that other sessions can be shown. */
  private static <T> T read(Path file, String text, String flaw, Reader<T> reader)
      throws IOException {
    try {
      return reader.read(Json.object(text));
    } catch (JsonParseException
        | IllegalStateException
        | NullPointerException
        | UnsupportedOperationException
        | IllegalArgumentException
        | DateTimeException e) {
      throw new OwnFiles.UnusableException(file, flaw);
    }
  }

  /** Writes a session. */
  static String format(Session s) throws IOException {
    return object(
        json -> {
          json.name("version").value(VERSION);
          json.name("name").value(s.name());
          JsonStrings.write(json, "argv", s.argv());
          JsonStrings.write(json, "options", s.options());
          JsonStrings.write(json, "environment", s.environment().entries());
          json.name("shared").value(s.shared());
          json.name("unit").value(s.unit().orElse(null));
          json.name("requested").value(s.requested().toString());
          if (s.requestedNanos().isPresent()) {
            json.name("requested_monotonic").value(s.requestedNanos().getAsLong());
          }
        });
  }

  /**
   * Reads a session.
   *
   * @param file the file of this text, for messages
   * @param suffix the end of the file's name, after the session's
   * @throws OwnFiles.UnusableException when the text is no session's, or was written by a newer
   *     guard
   */
  static Session parse(Path file, String suffix, String text) throws IOException {
    return read(file, text, "it is no whole session", json -> session(file, suffix, json));
  }

  private static Session session(Path file, String suffix, JsonObject json) throws IOException {
    if (json.get("version").getAsInt() != VERSION) {
      throw new OwnFiles.UnusableException(file, "another version of guard has written it");
    }
    if (!file.endsWith(json.get("name").getAsString() + suffix)) {
      throw new OwnFiles.UnusableException(file, "it is of another session");
    }
    return new Session(
        json.get("name").getAsString(),
        JsonStrings.read(json, "argv"),
        JsonStrings.read(json, "options"),
        new Environment(JsonStrings.read(json, "environment")),
        json.get("shared").getAsBoolean(),
        JsonStrings.text(json, "unit"),
        Instant.parse(json.get("requested").getAsString()),
        json.has("requested_monotonic")
            ? OptionalLong.of(json.get("requested_monotonic").getAsLong())
            : OptionalLong.empty());
  }

  /** Writes the result of a start. */
  static String format(StartResult result) throws IOException {
    return object(
        json -> {
          json.name("id").value(result.id().orElse(null));
          json.name("exit_code").value(result.exitCode());
          JsonStrings.write(
              json, "messages", result.messages().stream().map(OsString::of).toList());
        });
  }

  /** Reads the result of a start. */
  static StartResult parseResult(Path file, String text) throws IOException {
    return read(
        file,
        text,
        "no guard has written it",
        json ->
            new StartResult(
                JsonStrings.text(json, "id"),
                json.get("exit_code").getAsInt(),
                JsonStrings.read(json, "messages").stream().map(OsString::toString).toList()));
  }
}
