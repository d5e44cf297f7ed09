package dev.guard.cli.doctor.agent;

import static dev.guard.cli.doctor.agent.ModelFormat.array;
import static dev.guard.cli.doctor.agent.ModelFormat.object;
import static dev.guard.cli.doctor.agent.ModelFormat.objects;
import static dev.guard.cli.doctor.agent.ModelFormat.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.stream.Stream;

/** The Responses API of OpenAI. */
final class OpenAiResponses implements ModelFormat {
  @Override
  public List<Tool> tools(JsonObject request) {
    return objects(request, "tools").stream()
        .map(t -> Tool.of(text(t, t.has("name") ? "name" : "type"), t.get("parameters")))
        .toList();
  }

  @Override
  public List<String> results(JsonObject request) {
    return objects(request, "input").stream()
        .filter(i -> text(i, "type").endsWith("_call_output"))
        .map(i -> ModelFormat.result(i.get("output")))
        .toList();
  }

  @Override
  public JsonObject whole(JsonObject request, Turn turn) {
    return response(request, "completed", array(item(turn)));
  }

  private static JsonObject response(JsonObject request, String status, JsonArray output) {
    return object(
        "id",
        "resp_1",
        "object",
        "response",
        "status",
        status,
        "model",
        request.get("model"),
        "output",
        output,
        "usage",
        object("input_tokens", 1, "output_tokens", 1, "total_tokens", 2));
  }

  private static JsonObject item(Turn turn) {
    return turn instanceof Turn.Call call
        ? object(
            "type",
            "function_call",
            "id",
            "fc_" + call.id(),
            "call_id",
            call.id(),
            "name",
            call.tool(),
            "arguments",
            call.arguments().toString(),
            "status",
            "completed")
        : object(
            "type", "message",
            "id", "msg_1",
            "role", "assistant",
            "status", "completed",
            "content",
                array(
                    object(
                        "type",
                        "output_text",
                        "text",
                        ((Turn.Text) turn).text(),
                        "annotations",
                        new JsonArray())));
  }

  @Override
  public List<Event> stream(JsonObject request, Turn turn) {
    JsonObject begun = response(request, "in_progress", new JsonArray());
    return Stream.of(
            object("type", "response.created", "response", begun),
            object("type", "response.output_item.added", "output_index", 0, "item", item(turn)),
            object("type", "response.output_item.done", "output_index", 0, "item", item(turn)),
            object("type", "response.completed", "response", whole(request, turn)))
        .map(Event::of)
        .toList();
  }
}
