package dev.guard.cli.doctor.agent;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Optional;

/**
 * A tool that an agent offers to its model.
 *
 * @param name the agent's word for it
 * @param properties its arguments by their names, each a JSON schema
 */
record Tool(String name, JsonObject properties) {
  /** The names that shell tools have, those that are preferred first. */
  private static final List<String> SHELLS =
      List.of(
          "Bash",
          "bash",
          "exec_command",
          "shell_command",
          "shell",
          "local_shell",
          "run_shell_command");

  /** Makes a tool from its JSON schema, which may be missing. */
  static Tool of(String name, JsonElement schema) {
    JsonElement properties =
        schema != null && schema.isJsonObject() ? schema.getAsJsonObject().get("properties") : null;
    return new Tool(
        name,
        properties != null && properties.isJsonObject()
            ? properties.getAsJsonObject()
            : new JsonObject());
  }

  /** Finds the tool that runs shell commands. */
  static Optional<Tool> shell(List<Tool> tools) {
    return SHELLS.stream()
        .flatMap(name -> tools.stream().filter(t -> t.name().equals(name)))
        .findFirst();
  }

  /** Answers the name of the argument that says when a command is ended. */
  Optional<String> timeout() {
    return List.of("timeout", "timeout_ms").stream().filter(properties::has).findFirst();
  }

  /** Answers the arguments that have the tool run a command. */
  JsonObject arguments(String command) {
    JsonObject arguments = new JsonObject();
    if (properties.has("cmd")) {
      arguments.addProperty("cmd", command);
    } else if (isArray("command")) {
      JsonArray words = new JsonArray();
      List.of("bash", "-c", command).forEach(words::add);
      arguments.add("command", words);
    } else {
      arguments.addProperty("command", command);
    }
    if (properties.has("description")) {
      arguments.addProperty("description", "one step");
    }
    return arguments;
  }

  /** Answers the arguments that also end the command after so many seconds. */
  JsonObject arguments(String command, int seconds) {
    JsonObject arguments = arguments(command);
    String name = timeout().orElseThrow();
    arguments.addProperty(name, isInMillis(name) ? seconds * 1000 : seconds);
    return arguments;
  }

  private boolean isInMillis(String name) {
    String description = text(property(name).get("description"));
    return name.endsWith("_ms") || description.matches("(?is).*(millisecond|\\bms\\b).*");
  }

  private boolean isArray(String name) {
    return text(property(name).get("type")).equals("array");
  }

  private JsonObject property(String name) {
    JsonElement property = properties.get(name);
    return property != null && property.isJsonObject()
        ? property.getAsJsonObject()
        : new JsonObject();
  }

  private static String text(JsonElement element) {
    return element != null && element.isJsonPrimitive() ? element.getAsString() : "";
  }
}
