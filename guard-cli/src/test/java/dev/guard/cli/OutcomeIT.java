package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows that guard says in one line on standard error how it acted on a command, with the limit and
 * where it was set: a language model sees no more of why its command ended.
 */
@ExtendWith(NothingLeft.class)
class OutcomeIT {
  /** The shell that becomes sleep has its own name until then. */
  private static final String LEAVES =
      "sleep 300 >/dev/null 2>&1 & until grep -q sleep /proc/$!/comm; do :; done; exit 3";

  @TempDir private Path directory;

  @Test
  void theTimeoutSaysWhereItWasSet() throws IOException {
    String file =
        Files.writeString(directory.resolve("x.toml"), "limits.timeout_seconds = 0.3").toString();
    Finished f = GuardProcess.exec("--config", file, "--", "sleep", "40").run();
    assertThat(f.exit()).isEqualTo(124);
    assertThat(f.errors())
        .isEqualTo(
            "guard: ended at its timeout of 0.3 s ("
                + file
                + ":1; raise it there or with --timeout)\n");
  }

  @Test
  void aClaudexVariableIsNamed() {
    Finished f =
        GuardProcess.exec("--", "sleep", "40")
            .with("CLAUDEX_TIMEOUT", "0.3")
            .with("GUARD_MAX_PROCESSES", "32")
            .run();
    assertThat(f.errors())
        .isEqualTo(
            "guard: ended at its timeout of 0.3 s (CLAUDEX_TIMEOUT; raise it there or with"
                + " --timeout)\n");
  }

  @Test
  void whatWasLeftRunningAndIsEndedIsNamed() {
    Finished f = GuardProcess.exec("--", "sh", "-c", LEAVES).run();
    assertThat(f.exit()).isEqualTo(3);
    assertThat(f.errors())
        .matches(
            "guard: ended 1 process that was left running: sleep \\(pid [0-9]+\\); to keep one,"
                + " start it with: guard exec --detach --name NAME -- \\.\\.\\.\n");
  }

  @Test
  void theAdviceOfARefusalNamesWhatHasSetTheLimit() {
    String inside = "\"$GUARD\" exec -- true";
    Finished f =
        GuardProcess.exec("--pids-max=0", "--", "sh", "-c", inside)
            .with("CLAUDEX_MAX_PROCESSES", "1")
            .run();
    assertThat(f.exit()).isEqualTo(75);
    assertThat(f.errors())
        .startsWith("guard: Process limit reached (")
        .endsWith(
            "guard: Cannot start a new process. Increase CLAUDEX_MAX_PROCESSES or wait for"
                + " processes to complete.\n");
  }

  @Test
  void quietSaysNothingOfIt() {
    Finished ended =
        GuardProcess.exec("--timeout", "0.3", "--", "sleep", "40")
            .with("GUARD_MESSAGES", "quiet")
            .run();
    assertThat(ended.exit()).isEqualTo(124);
    assertThat(ended.errors()).isEmpty();
    Finished refused = GuardProcess.exec("--messages", "quiet", "--", "/no/such").run();
    assertThat(refused.errors()).as("what kept it from running").isNotEmpty();
  }

  @Test
  void allPrintsTheReceipt() {
    Finished f = GuardProcess.exec("--messages=all", "--", "true").run();
    assertThat(f.errors()).contains("guard:   timeout       active   300.0 (seconds)\n");
  }
}
