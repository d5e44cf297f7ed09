package dev.guard.cli.doctor.agent;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Writes values as TOML, a line for each of the outermost. A string of JSON is one of TOML. */
final class TomlWriter {
  private static final Gson PLAIN = new GsonBuilder().disableHtmlEscaping().create();

  private TomlWriter() {}

  static String write(JsonObject values) {
    return values.entrySet().stream()
        .map(e -> string(e.getKey()) + " = " + value(e.getValue()) + "\n")
        .collect(Collectors.joining());
  }

  private static String value(JsonElement value) {
    if (value instanceof JsonObject table) {
      return table.entrySet().stream()
          .map(e -> string(e.getKey()) + " = " + value(e.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
    }
    if (value instanceof JsonArray array) {
      return StreamSupport.stream(array.spliterator(), false)
          .map(TomlWriter::value)
          .collect(Collectors.joining(", ", "[", "]"));
    }
    return PLAIN.toJson(value);
  }

  private static String string(String text) {
    return PLAIN.toJson(new JsonPrimitive(text));
  }
}
