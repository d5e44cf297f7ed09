package dev.guard.store;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.stream.JsonWriter;
import dev.guard.os.OsString;
import dev.guard.value.AgentLabels;
import dev.guard.value.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Reads and writes strings in JSON: those that may be missing, and lists of those that may hold any
 * bytes.
 */
public final class JsonStrings {
  private JsonStrings() {}

  /**
   * Writes strings; JSON has no bytes: where an argument is not UTF-8, all of them stand in base64
   * beside the readable form.
   */
  public static void write(JsonWriter json, String name, List<OsString> strings)
      throws IOException {
    json.name(name).beginArray();
    for (OsString s : strings) {
      json.value(s.toString());
    }
    json.endArray();
    if (!strings.stream().allMatch(OsString::isUtf8)) {
      json.name(name + "_base64").beginArray();
      for (OsString s : strings) {
        json.value(Base64.getEncoder().encodeToString(s.bytes()));
      }
      json.endArray();
    }
  }

  /** Reads strings as {@link #write} writes them. */
  public static List<OsString> read(JsonObject json, String name) {
    List<OsString> strings = new ArrayList<>();
    JsonArray bytes = json.getAsJsonArray(name + "_base64");
    if (bytes != null) {
      bytes.forEach(
          b -> strings.add(OsString.ofBytes(Base64.getDecoder().decode(b.getAsString()))));
    } else {
      json.getAsJsonArray(name).forEach(s -> strings.add(OsString.of(s.getAsString())));
    }
    return strings;
  }

  /** Reads the id of a command. */
  public static String id(JsonObject json) {
    return matching(json.get("id").getAsString(), CommandId.is(json.get("id").getAsString()));
  }

  /** Reads the name of a command, if it has one. */
  public static Optional<String> name(JsonObject json) {
    return text(json, "name").map(n -> matching(n, Request.isName(n)));
  }

  /** Reads the budget that a command counts in. */
  public static String budget(JsonObject json) {
    String budget = json.get("budget").getAsString();
    return matching(budget, Request.isName(budget));
  }

  /** Writes which agent has started a command, each label as text or null. */
  public static void write(JsonWriter json, AgentLabels labels) throws IOException {
    json.name("agent").value(labels.agent().orElse(null));
    json.name("agent_session").value(labels.session().orElse(null));
    json.name("tool_call").value(labels.toolCall().orElse(null));
  }

  /** Reads labels as {@link #write(JsonWriter, AgentLabels)} writes them; none where none are. */
  public static AgentLabels labels(JsonObject json) {
    return new AgentLabels(
        text(json, "agent"), text(json, "agent_session"), text(json, "tool_call"));
  }

  private static String matching(String text, boolean matches) {
    if (!matches) {
      throw new JsonParseException("a name or an id is none");
    }
    return text;
  }

  /** Reads a string; empty where it is null or missing. */
  public static Optional<String> text(JsonObject json, String name) {
    JsonElement value = json.get(name);
    return value == null || value.isJsonNull()
        ? Optional.empty()
        : Optional.of(value.getAsString());
  }
}
