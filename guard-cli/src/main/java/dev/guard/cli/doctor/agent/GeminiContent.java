package dev.guard.cli.doctor.agent;

import static dev.guard.cli.doctor.agent.ModelFormat.array;
import static dev.guard.cli.doctor.agent.ModelFormat.object;
import static dev.guard.cli.doctor.agent.ModelFormat.objects;
import static dev.guard.cli.doctor.agent.ModelFormat.text;

import com.google.gson.JsonObject;
import java.util.List;

/** The generateContent calls of Gemini. */
final class GeminiContent implements ModelFormat {
  @Override
  public List<Tool> tools(JsonObject request) {
    return objects(request, "tools").stream()
        .flatMap(t -> objects(t, "functionDeclarations").stream())
        .map(
            f ->
                Tool.of(
                    text(f, "name"),
                    f.get(f.has("parametersJsonSchema") ? "parametersJsonSchema" : "parameters")))
        .toList();
  }

  @Override
  public List<String> results(JsonObject request) {
    return objects(request, "contents").stream()
        .flatMap(c -> objects(c, "parts").stream())
        .filter(p -> p.get("functionResponse") instanceof JsonObject)
        .map(p -> ModelFormat.result(p.getAsJsonObject("functionResponse").get("response")))
        .toList();
  }

  @Override
  public JsonObject whole(JsonObject request, Turn turn) {
    JsonObject part =
        turn instanceof Turn.Call call
            ? object("functionCall", object("name", call.tool(), "args", call.arguments()))
            : object("text", ((Turn.Text) turn).text());
    JsonObject content = object("role", "model", "parts", array(part));
    return object(
        "candidates", array(object("index", 0, "content", content, "finishReason", "STOP")),
        "usageMetadata",
            object("promptTokenCount", 1, "candidatesTokenCount", 1, "totalTokenCount", 2));
  }

  @Override
  public List<Event> stream(JsonObject request, Turn turn) {
    return List.of(Event.unnamed(whole(request, turn)));
  }

  @Override
  public boolean isStream(String path, JsonObject request) {
    return path.endsWith("streamGenerateContent");
  }
}
