package dev.guard.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Holds a guarded command and its report.
 *
 * @param finished how guard ended
 * @param report the object that it wrote
 */
record Reported(Finished finished, JsonObject report) {

  /** {@code guard exec --report FILE} with these options, {@code --} and command. */
  static Reported exec(String... arguments) {
    return exec(process -> process, arguments);
  }

  static Reported exec(UnaryOperator<GuardProcess> changes, String... arguments) {
    try {
      Path file = Files.createTempFile(GuardProcess.RUNTIME, "report", ".json");
      List<String> all = new ArrayList<>(List.of("--report", file.toString()));
      all.addAll(List.of(arguments));
      Finished finished = changes.apply(GuardProcess.exec(all.toArray(String[]::new))).run();
      String text = Files.readString(file, UTF_8);
      Files.delete(file);
      if (text.isEmpty()) {
        throw new AssertionError("no report; stderr: " + finished.errors());
      }
      return new Reported(finished, parse(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonObject parse(String text) {
    return JsonParser.parseString(text).getAsJsonObject();
  }

  String id() {
    return report.get("id").getAsString();
  }

  String cause() {
    return report.getAsJsonObject("exit").get("cause").getAsString();
  }

  /** A number of usage. */
  long usage(String name) {
    return report.getAsJsonObject("usage").get(name).getAsLong();
  }

  JsonObject layer(String name) {
    for (JsonElement layer : report.getAsJsonArray("layers")) {
      if (layer.getAsJsonObject().get("name").getAsString().equals(name)) {
        return layer.getAsJsonObject();
      }
    }
    throw new AssertionError("no layer " + name + " in " + report);
  }
}
