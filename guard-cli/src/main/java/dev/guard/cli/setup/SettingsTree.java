package dev.guard.cli.setup;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Path;

/** Reads files of settings for whoever wants the values alone. */
public final class SettingsTree {
  private SettingsTree() {}

  /**
   * Reads the values of a file: TOML where its name ends in .toml, and else JSON, which may have
   * comments. An empty text has none; dates of TOML become strings.
   *
   * @param file for the format, and for what an error says
   * @param text of the file, each character one byte
   */
  public static JsonObject of(Path file, String text) throws IOException {
    try {
      if (file.toString().endsWith(".toml")) {
        return JsonParser.parseString(TomlText.parsed(text).toJson()).getAsJsonObject();
      }
      JsonElement read = text.isBlank() ? new JsonObject() : JsonText.parsed(text);
      return read.getAsJsonObject();
    } catch (SyntaxException e) {
      throw new IOException(file + ":" + e.line() + ": " + e.getMessage() + "; repair it", e);
    }
  }
}
