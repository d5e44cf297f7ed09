package dev.guard.cli.doctor.agent;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One of the protocols in which agents talk to their models, as far as a script needs it. */
interface ModelFormat {
  /**
   * An event of a stream.
   *
   * @param name empty where the protocol has none
   * @param data JSON, or what ends the stream
   */
  record Event(String name, String data) {
    static Event of(JsonObject data) {
      return new Event(data.get("type").getAsString(), data.toString());
    }

    static Event unnamed(JsonObject data) {
      return new Event("", data.toString());
    }
  }

  /** Lists the tools that a request offers. */
  List<Tool> tools(JsonObject request);

  /** Lists what tools have given back in the conversation so far. */
  List<String> results(JsonObject request);

  /** Answers a request in one piece. */
  JsonObject whole(JsonObject request, Turn turn);

  /** Answers a request as a stream. */
  List<Event> stream(JsonObject request, Turn turn);

  /** Tells whether a request asks for a stream. */
  default boolean isStream(String path, JsonObject request) {
    return request.has("stream") && request.get("stream").getAsBoolean();
  }

  /** Finds the format of the requests that are sent to a path. */
  static Optional<ModelFormat> of(String path) {
    if (path.endsWith("/messages")) {
      return Optional.of(new AnthropicMessages());
    }
    if (path.endsWith("/responses")) {
      return Optional.of(new OpenAiResponses());
    }
    if (path.endsWith("/chat/completions")) {
      return Optional.of(new ChatCompletions());
    }
    return path.endsWith("enerateContent") ? Optional.of(new GeminiContent()) : Optional.empty();
  }

  /** Lists the objects in an array of an object; none where it is something else, or missing. */
  static List<JsonObject> objects(JsonObject of, String member) {
    List<JsonObject> found = new ArrayList<>();
    if (of.get(member) instanceof JsonArray array) {
      for (JsonElement element : array) {
        if (element.isJsonObject()) {
          found.add(element.getAsJsonObject());
        }
      }
    }
    return found;
  }

  /** Answers the text of a member; empty where it is something else, or missing. */
  static String text(JsonObject of, String member) {
    JsonElement value = of.get(member);
    return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
  }

  /** Answers what a tool has given back as one text. */
  static String result(JsonElement value) {
    if (value == null) {
      return "";
    }
    return value.isJsonPrimitive() ? value.getAsString() : value.toString();
  }

  /**
   * Makes an object.
   *
   * @param members names and values by turns: strings, numbers, booleans, JSON, or null
   */
  static JsonObject object(Object... members) {
    JsonObject object = new JsonObject();
    for (int i = 0; i < members.length; i += 2) {
      String name = (String) members[i];
      Object value = members[i + 1];
      if (value instanceof Number number) {
        object.addProperty(name, number);
      } else if (value instanceof Boolean yes) {
        object.addProperty(name, yes);
      } else if (value instanceof String text) {
        object.addProperty(name, text);
      } else {
        object.add(name, (JsonElement) value);
      }
    }
    return object;
  }

  /** Makes an array. */
  static JsonArray array(JsonElement... elements) {
    JsonArray array = new JsonArray();
    for (JsonElement element : elements) {
      array.add(element);
    }
    return array;
  }
}
