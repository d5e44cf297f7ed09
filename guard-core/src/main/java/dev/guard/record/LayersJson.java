package dev.guard.record;

import com.google.gson.stream.JsonWriter;
import dev.guard.Layer;
import java.io.IOException;
import java.util.List;

/** Writes a receipt as JSON, alike in reports, in records and in the output of {@code guard ps}. */
public final class LayersJson {
  private LayersJson() {}

  /** Writes the member {@code layers} of an object. */
  public static void write(JsonWriter json, List<Layer> layers) throws IOException {
    json.name("layers").beginArray();
    for (Layer layer : layers) {
      json.beginObject();
      json.name("name").value(layer.name().text());
      json.name("state").value(layer.state().text());
      json.name("limit").value(layer.limit());
      json.name("detail").value(layer.detail());
      if (layer.lost()) {
        json.name("lost").value(true);
      }
      json.endObject();
    }
    json.endArray();
  }
}
