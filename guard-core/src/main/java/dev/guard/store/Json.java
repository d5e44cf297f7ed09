package dev.guard.store;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;

/**
 * Reads JSON that anything may have written. The library's own parser takes text that is no JSON,
 * as much as the text holds, and words its errors for its authors; numbers are kept as their text
 * here.
 */
public final class Json {
  private static final int DEEPEST = 16;

  // An array of two million empty arrays fits into a small file, and not into memory.
  private static final int MOST_ELEMENTS = 500_000;

  private final JsonReader reader;
  private int elements;

  private Json(String text) {
    reader = new JsonReader(new StringReader(text));
  }

  /**
   * Reads the one object that a text is.
   *
   * @throws JsonParseException when the text is anything else
   */
  public static JsonObject object(String text) {
    // RFC 8259 has these in no string, and a terminal may obey them.
    if (text.strip().chars().anyMatch(c -> c < ' ')) {
      throw new JsonParseException("it is no JSON");
    }
    Json json = new Json(text);
    try {
      JsonElement whole = json.element(0);
      if (whole.isJsonObject() && json.reader.peek() == JsonToken.END_DOCUMENT) {
        return whole.getAsJsonObject();
      }
    } catch (IOException | IllegalStateException | NumberFormatException e) {
      throw new JsonParseException("it is no JSON", e);
    }
    throw new JsonParseException("it is no JSON object");
  }

  private JsonElement element(int depth) throws IOException {
    if (depth > DEEPEST || ++elements > MOST_ELEMENTS) {
      throw new JsonParseException("it is nested too deeply, or too long");
    }
    return switch (reader.peek()) {
      case BEGIN_ARRAY -> array(depth);
      case BEGIN_OBJECT -> members(depth);
      case STRING, NUMBER -> new JsonPrimitive(reader.nextString());
      case BOOLEAN -> new JsonPrimitive(reader.nextBoolean());
      case NULL -> {
        reader.nextNull();
        yield JsonNull.INSTANCE;
      }
      default -> throw new JsonParseException("it is no JSON");
    };
  }

  private JsonArray array(int depth) throws IOException {
    JsonArray array = new JsonArray();
    reader.beginArray();
    while (reader.hasNext()) {
      array.add(element(depth + 1));
    }
    reader.endArray();
    return array;
  }

  private JsonObject members(int depth) throws IOException {
    JsonObject object = new JsonObject();
    reader.beginObject();
    while (reader.hasNext()) {
      object.add(reader.nextName(), element(depth + 1));
    }
    reader.endObject();
    return object;
  }
}
