package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Shows which agent has started a command, by the variables that agents set. */
@ExtendWith(NothingLeft.class)
class LabelsIT {
  private static final String SESSION = "01a22eea-5bdf-78d1-bd84-fba90ae25827";

  @TempDir private Path directory;
  private OwnStore store;
  private Running running;

  @BeforeEach
  void makeStore() {
    store = OwnStore.in(directory);
  }

  @AfterEach
  void end() {
    if (running != null) {
      running.signal("TERM");
      running.await();
    }
  }

  private GuardProcess guard(String... words) {
    GuardProcess guard = GuardProcess.of(words).in(directory.resolve("work"));
    if (running != null) {
      // In the mount namespace of the guard that runs, which has the store.
      guard.through("nsenter", "-t", Long.toString(running.pid()), "-m");
      return store.withItsVariables(guard).with("GUARD_MAX_PROCESSES", "9");
    }
    return store.on(guard);
  }

  private void runAs(String... variables) {
    GuardProcess guard = store.on(GuardProcess.exec("--", "sh", "-c", "echo $GUARD_ID; sleep 60"));
    for (String variable : variables) {
      String[] parts = variable.split("=", 2);
      guard.with(parts[0], parts[1]);
    }
    running = guard.start();
    Polling.until("it runs", () -> MachineRemains.text(running.output()).endsWith("\n"));
  }

  private static JsonObject first(String array) {
    return JsonParser.parseString(array).getAsJsonArray().get(0).getAsJsonObject();
  }

  @Test
  void psAndHistoryShowAgentAndSession() throws IOException {
    runAs("CODEX_SESSION_ID=" + SESSION, "CODEX_TOOL_CALL_ID=call_7");
    JsonObject live = first(guard("ps", "--json").run().output());
    assertThat(live.get("agent").getAsString()).isEqualTo("codex");
    assertThat(live.get("agent_session").getAsString()).isEqualTo(SESSION);
    assertThat(live.get("tool_call").getAsString()).isEqualTo("call_7");
    assertThat(guard("ps").run().output().lines())
        .first()
        .asString()
        .matches("ID +NAME +BUDGET +AGENT +SESSION +STATE .*");
    assertThat(guard("ps").run().output()).containsPattern(" own +codex +0ae25827 +running ");

    assertThat(guard("exec", "--", "true").with("CLAUDECODE", "1").run().exit()).isZero();
    assertThat(guard("exec", "--", "false").run().exit()).isOne();
    String table = guard("history").run().output();
    assertThat(table.lines().toList().get(0))
        .matches("ENDED +ID +NAME +BUDGET +AGENT +SESSION +CAUSE +EXIT +COMMAND");
    assertThat(table).containsPattern(" own +claude +- +exited +0 +true");
    assertThat(table).containsPattern(" own +- +- +exited +1 +false");
    JsonObject ended =
        Reported.parse(guard("history", "--json").run().output().lines().toList().get(0));
    assertThat(ended.get("agent").getAsString()).isEqualTo("claude");
    assertThat(ended.get("agent_session").isJsonNull()).isTrue();
    assertThat(ended.get("tool_call").isJsonNull()).isTrue();
  }

  @Test
  void withoutAnyAgentThereIsNoColumn() {
    runAs();
    assertThat(guard("exec", "--", "true").run().exit()).isZero();
    assertThat(guard("ps").run().output()).containsPattern("BUDGET +STATE").doesNotContain("AGENT");
    assertThat(guard("history").run().output())
        .containsPattern("BUDGET +CAUSE +EXIT +COMMAND\n.* own +exited +0 +true\n");
  }
}
