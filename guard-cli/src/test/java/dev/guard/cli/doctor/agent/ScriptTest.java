package dev.guard.cli.doctor.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScriptTest {
  private static Tool tool(String name, String properties) {
    return Tool.of(name, JsonParser.parseString("{\"properties\": " + properties + "}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"command\":{},\"timeout\":{\"description\":\"in milliseconds\"}}|\"timeout\":2000",
        "{\"command\":{},\"timeout\":{\"description\":\"Timeout in seconds\"}}|\"timeout\":2",
        "{\"command\":{},\"timeout_ms\":{}}|\"timeout_ms\":2000",
        "{\"cmd\":{},\"timeout_ms\":{}}|\"cmd\":\"sleep 9\"",
        "{\"command\":{\"type\":\"array\"},\"timeout\":{}}|[\"bash\",\"-c\",\"sleep 9\"]"
      })
  void theAgentIsToEndACommandByItsOwnMeans(String properties, String expected) {
    Script script = new Script(List.of(new Step(Step.Kind.TIMEOUT, "sleep 9")));
    Turn turn = script.next(List.of(tool("bash", properties)), List.of());
    assertThat(((Turn.Call) turn).arguments().toString()).contains(expected);
  }

  @Test
  void whereTheToolTakesNoTimeoutThatStepIsLeftOut() {
    Script script =
        new Script(
            List.of(new Step(Step.Kind.TIMEOUT, "sleep 9"), new Step(Step.Kind.DENIED, "touch x")));
    List<Tool> tools = List.of(tool("bash", "{\"command\":{}}"));
    Turn turn = script.next(tools, List.of());
    assertThat(((Turn.Call) turn).arguments().toString()).contains("touch x");
    assertThat(script.next(tools, List.of("no"))).isEqualTo(new Turn.Text("done"));
    assertThat(script.done(Step.Kind.DENIED)).isPresent();
    assertThat(script.done(Step.Kind.TIMEOUT)).isEmpty();
  }
}
