package dev.guard.cli.doctor.agent;

import static dev.guard.cli.doctor.agent.ModelFormat.array;
import static dev.guard.cli.doctor.agent.ModelFormat.object;
import static dev.guard.cli.doctor.agent.ModelFormat.objects;
import static dev.guard.cli.doctor.agent.ModelFormat.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.stream.Stream;

/** The Messages API of Anthropic. */
final class AnthropicMessages implements ModelFormat {
  @Override
  public List<Tool> tools(JsonObject request) {
    return objects(request, "tools").stream()
        .map(t -> Tool.of(text(t, "name"), t.get("input_schema")))
        .toList();
  }

  @Override
  public List<String> results(JsonObject request) {
    return objects(request, "messages").stream()
        .flatMap(m -> objects(m, "content").stream())
        .filter(b -> text(b, "type").equals("tool_result"))
        .map(b -> ModelFormat.result(b.get("content")))
        .toList();
  }

  @Override
  public JsonObject whole(JsonObject request, Turn turn) {
    JsonObject block =
        turn instanceof Turn.Call call
            ? block(call, call.arguments())
            : object("type", "text", "text", ((Turn.Text) turn).text());
    return message(request, array(block), reason(turn));
  }

  private static String reason(Turn turn) {
    return turn instanceof Turn.Call ? "tool_use" : "end_turn";
  }

  private static JsonObject block(Turn.Call call, JsonObject input) {
    return object("type", "tool_use", "id", call.id(), "name", call.tool(), "input", input);
  }

  private static JsonObject message(JsonObject request, JsonArray content, String reason) {
    return object(
        "id",
        "msg_1",
        "type",
        "message",
        "role",
        "assistant",
        "model",
        request.get("model"),
        "content",
        content,
        "stop_reason",
        reason == null ? JsonNull.INSTANCE : reason,
        "stop_sequence",
        JsonNull.INSTANCE,
        "usage",
        object("input_tokens", 1, "output_tokens", 1));
  }

  @Override
  public List<Event> stream(JsonObject request, Turn turn) {
    JsonObject start =
        turn instanceof Turn.Call call
            ? block(call, new JsonObject())
            : object("type", "text", "text", "");
    JsonObject delta =
        turn instanceof Turn.Call call
            ? object("type", "input_json_delta", "partial_json", call.arguments().toString())
            : object("type", "text_delta", "text", ((Turn.Text) turn).text());
    return Stream.of(
            object("type", "message_start", "message", message(request, new JsonArray(), null)),
            object("type", "content_block_start", "index", 0, "content_block", start),
            object("type", "content_block_delta", "index", 0, "delta", delta),
            object("type", "content_block_stop", "index", 0),
            object(
                "type", "message_delta",
                "delta", object("stop_reason", reason(turn), "stop_sequence", JsonNull.INSTANCE),
                "usage", object("output_tokens", 1)),
            object("type", "message_stop"))
        .map(Event::of)
        .toList();
  }
}
