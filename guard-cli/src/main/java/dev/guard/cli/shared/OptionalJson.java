package dev.guard.cli.shared;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.util.OptionalLong;

/** Writes values that may be missing as null, so that every object has the same fields. */
public final class OptionalJson {
  private OptionalJson() {}

  /** Writes a field with a number, or with null. */
  public static void number(JsonWriter out, String name, OptionalLong value) throws IOException {
    out.name(name);
    if (value.isPresent()) {
      out.value(value.getAsLong());
    } else {
      out.nullValue();
    }
  }
}
