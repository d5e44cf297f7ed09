package dev.guard.cli.doctor.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks each protocol with a request as its agents write it. */
class ModelFormatTest {
  /** A protocol: where it is asked, a request with one result, and where a call's name stands. */
  record Sample(String path, String request, List<String> parts) {
    JsonObject json() {
      return JsonParser.parseString(request.replace('\'', '"')).getAsJsonObject();
    }
  }

  static Stream<Sample> samples() {
    return Stream.of(
        new Sample(
            "/v1/messages",
            "{'model': 'm', 'stream': true, 'tools': [{'name': 'Bash', 'input_schema': {'properties':"
                + " {'command': {}}}}], 'messages': [{'role': 'user', 'content': 'go on'}, {'content':"
                + " [{'type': 'tool_result', 'content': 'first'}]}]}",
            List.of("'stop_reason':'tool_use'", "'type':'message_stop'", "input_json_delta")),
        new Sample(
            "/v1/responses",
            "{'model': 'm', 'stream': true, 'tools': [{'type': 'function', 'name': 'shell',"
                + " 'parameters': {'properties': {'command': {}}}}], 'input': [{'type': 'message'},"
                + " {'type': 'function_call_output', 'output': 'first'}]}",
            List.of("'type':'function_call'", "'call_id':'call_1'", "response.completed")),
        new Sample(
            "/v1/chat/completions",
            "{'model': 'm', 'stream': true, 'tools': [{'type': 'function', 'function': {'name':"
                + " 'bash', 'parameters': {'properties': {'command': {}}}}}], 'messages': [{'role':"
                + " 'user', 'content': 'x'}, {'role': 'tool', 'content': 'first'}]}",
            List.of("'finish_reason':'tool_calls'", "'tool_calls':[{'index':0", "[DONE]")),
        new Sample(
            "/v1beta/models/gemini:streamGenerateContent",
            "{'tools': [{'functionDeclarations': [{'name': 'run_shell_command',"
                + " 'parametersJsonSchema': {'properties': {'command': {}}}}]}], 'contents': [{'parts':"
                + " [{'text': 'x'}]}, {'parts': [{'functionResponse': {'response': 'first'}}]}]}",
            List.of("'functionCall':{'name':'run_shell_command'", "'finishReason':'STOP'")));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void theNextCommandIsAskedForByTheAgentsOwnTool(Sample sample) {
    ModelFormat format = ModelFormat.of(sample.path()).orElseThrow();
    JsonObject request = sample.json();
    Script script =
        new Script(List.of(new Step(Step.Kind.ID, "one"), new Step(Step.Kind.LEAVE, "echo 'two'")));

    assertThat(format.isStream(sample.path(), request)).isTrue();
    assertThat(format.results(request)).containsExactly("first");
    Turn turn = script.next(format.tools(request), format.results(request));

    assertThat(script.done()).singleElement().extracting(Script.Done::result).isEqualTo("first");
    String name = format.tools(request).get(0).name();
    assertThat(turn)
        .isEqualTo(new Turn.Call("call_1", name, ModelFormat.object("command", "echo 'two'")));
    String stream =
        format.stream(request, turn).stream()
            .map(e -> e.name() + " " + e.data())
            .collect(Collectors.joining("\n"));
    for (String part : sample.parts()) {
      assertThat(stream).contains(part.replace('\'', '"'));
    }
    assertThat(stream).contains(name);
    assertThat(format.whole(request, turn).toString()).contains(name, "echo 'two'");
  }

  @ParameterizedTest
  @MethodSource("samples")
  void whatHasNoShellToolIsNoPartOfTheScript(Sample sample) {
    ModelFormat format = ModelFormat.of(sample.path()).orElseThrow();
    JsonObject request = sample.json();
    request.add("tools", new JsonArray());
    Script script = new Script(List.of(new Step(Step.Kind.ID, "one")));

    Turn turn = script.next(format.tools(request), format.results(request));

    assertThat(turn).isEqualTo(new Turn.Text("ok"));
    assertThat(script.hasBegun()).isFalse();
    assertThat(format.whole(request, turn).toString()).contains("\"ok\"");
    assertThat(format.stream(request, turn).toString()).contains("\"ok\"");
  }
}
