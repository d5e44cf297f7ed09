package dev.guard.value;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checks from which variables the agent of a command is known. */
class AgentLabelsTest {
  private static AgentLabels of(Map<String, String> variables) {
    return AgentLabels.of(name -> Optional.ofNullable(variables.get(name)));
  }

  @ParameterizedTest
  @CsvSource({
    "claude, CLAUDECODE, CLAUDE_CODE_SESSION_ID",
    "pi, PI_CODING_AGENT, PI_SESSION_ID",
    "qwen, QWEN_CODE, QWEN_CODE_SESSION_ID",
    "codex, CODEX_SESSION_ID, CODEX_TOOL_CALL_ID",
    "gemini, GEMINI_CLI,",
    "opencode, OPENCODE,"
  })
  void eachAgentIsKnownByItsMark(String agent, String mark, String other) {
    assertThat(of(Map.of(mark, "1")).agent()).hasValue(agent);
    if (other != null) {
      assertThat(of(Map.of(other, "1"))).as("alone").isEqualTo(AgentLabels.NONE);
      AgentLabels both = of(Map.of(mark, "1", other, "2"));
      assertThat(both.toolCall().or(both::session)).hasValue("2");
    }
    assertThat(of(Map.of(mark, ""))).as("empty").isEqualTo(AgentLabels.NONE);
  }

  @Test
  void aLabelIsBoundedAndPrintable() {
    String session = "a\u001b[31m\n\u00e9\u202e" + "x".repeat(500);
    assertThat(of(Map.of("PI_CODING_AGENT", "true", "PI_SESSION_ID", session)).session())
        .hasValue("a?[31m???" + "x".repeat(119));
  }

  /** A shim tells few variables, and those by name: others of an agent may be secrets. */
  @Test
  void theShimTellsAllOfThem() throws IOException {
    String shim = Files.readString(Path.of("../guard-cli/src/main/c/frame.c"));
    assertThat(AgentLabels.variables())
        .hasSize(10)
        .allSatisfy(v -> assertThat(shim).contains("\"" + v + "=\""));
  }
}
