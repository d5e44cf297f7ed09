package dev.guard.cli.doctor.agent;

import static dev.guard.cli.doctor.agent.ModelFormat.array;
import static dev.guard.cli.doctor.agent.ModelFormat.object;
import static dev.guard.cli.doctor.agent.ModelFormat.objects;
import static dev.guard.cli.doctor.agent.ModelFormat.text;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.List;

/** The Chat Completions API of OpenAI, which many speak. */
final class ChatCompletions implements ModelFormat {
  @Override
  public List<Tool> tools(JsonObject request) {
    return objects(request, "tools").stream()
        .filter(t -> t.get("function") instanceof JsonObject)
        .map(t -> t.getAsJsonObject("function"))
        .map(f -> Tool.of(text(f, "name"), f.get("parameters")))
        .toList();
  }

  @Override
  public List<String> results(JsonObject request) {
    return objects(request, "messages").stream()
        .filter(m -> text(m, "role").equals("tool"))
        .map(m -> ModelFormat.result(m.get("content")))
        .toList();
  }

  @Override
  public JsonObject whole(JsonObject request, Turn turn) {
    JsonObject choice = object("index", 0, "message", message(turn), "finish_reason", reason(turn));
    JsonObject answer = answer(request, "chat.completion", choice);
    answer.add("usage", usage());
    return answer;
  }

  private static JsonObject answer(JsonObject request, String kind, JsonObject choice) {
    return object(
        "id",
        "chat_1",
        "object",
        kind,
        "created",
        1,
        "model",
        request.get("model"),
        "choices",
        array(choice));
  }

  private static JsonObject usage() {
    return object("prompt_tokens", 1, "completion_tokens", 1, "total_tokens", 2);
  }

  private static String reason(Turn turn) {
    return turn instanceof Turn.Call ? "tool_calls" : "stop";
  }

  private static JsonObject message(Turn turn) {
    if (!(turn instanceof Turn.Call call)) {
      return object("role", "assistant", "content", ((Turn.Text) turn).text());
    }
    JsonObject function = object("name", call.tool(), "arguments", call.arguments().toString());
    JsonObject made = object("index", 0, "id", call.id(), "type", "function", "function", function);
    return object("role", "assistant", "content", JsonNull.INSTANCE, "tool_calls", array(made));
  }

  @Override
  public List<Event> stream(JsonObject request, Turn turn) {
    JsonObject last = chunk(request, new JsonObject(), reason(turn));
    last.add("usage", usage());
    return List.of(
        Event.unnamed(chunk(request, message(turn), null)),
        Event.unnamed(last),
        new Event("", "[DONE]"));
  }

  private static JsonObject chunk(JsonObject request, JsonObject delta, String reason) {
    JsonObject choice = object("index", 0, "delta", delta, "finish_reason", JsonNull.INSTANCE);
    if (reason != null) {
      choice.addProperty("finish_reason", reason);
    }
    return answer(request, "chat.completion.chunk", choice);
  }
}
