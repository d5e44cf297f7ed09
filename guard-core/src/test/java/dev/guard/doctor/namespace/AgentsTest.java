package dev.guard.doctor.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.OsString;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentsTest {
  private static List<OsString> words(String command) {
    return Arrays.stream(command.split(" ", -1)).map(OsString::of).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "claude,/usr/bin/node /x/cli.js,claude",
    "node,claude,claude",
    "codex,/opt/codex/bin/codex --full-auto,codex",
    "node,node --max-old-space-size=4096 /usr/local/bin/gemini -p x,gemini",
    "node,/usr/bin/node /usr/lib/node_modules/@anthropic-ai/claude-code/cli.js,claude-code",
    "MainThread,node /home/me/.npm/lib/node_modules/opencode-ai/bin/x.js,opencode-ai",
    "python3,/usr/bin/python3 -m aider --model x,aider",
    "python3.11,python3.11 /home/me/.local/bin/aider,aider",
    "deno,deno run /x/goose.ts,goose",
    "sh,/bin/sh /usr/bin/cursor-agent,cursor-agent",
    "bash,-claude,claude"
  })
  void areToldByTheirNames(String name, String command, String agent) {
    assertThat(Agents.name(name, words(command))).contains(agent);
  }

  @ParameterizedTest
  @CsvSource({
    "vim,vim claude",
    "grep,grep -r codex .",
    "node,node server.js claude",
    "python3,python3 -m http.server",
    "bash,bash",
    "claudette,claudette",
    "cat,cat /usr/lib/node_modules/@anthropic-ai/claude-code/cli.js"
  })
  void othersThatSpeakOfThemAreNone(String name, String command) {
    assertThat(Agents.name(name, words(command))).isEmpty();
  }

  @Test
  void aProcessWithoutArgumentsIsToldByItsNameAlone() {
    assertThat(Agents.name("goose", List.of())).contains("goose");
    assertThat(Agents.name("kthreadd", List.of())).isEmpty();
  }
}
