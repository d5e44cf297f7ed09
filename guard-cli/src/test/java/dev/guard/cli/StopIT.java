package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Shows by which words {@code guard stop} and {@code guard kill} find commands, and how they end
 * them.
 */
@ExtendWith({NothingLeft.class, Detached.Removed.class})
class StopIT {
  private static final String HANDLES =
      "trap 'echo term; exit 9' TERM; echo ready; sleep 300 & wait";
  private static final String IGNORES = "trap '' TERM; echo ready; while :; do sleep 300; done";

  @TempDir private Path directory;

  private static Detached ready(String script) {
    Detached d = Detached.start("--", "sh", "-c", script);
    d.awaitLog("ready\n");
    return d;
  }

  private static int exitOf(Detached d) {
    return GuardProcess.of("wait", d.id()).run().exit();
  }

  @Test
  void stopAsksFirstAndTheHandlersExitIsSeen() {
    Detached d = ready(HANDLES);
    Detached.guard("stop", d.id());
    d.assertGone();
    assertThat(exitOf(d)).isEqualTo(9);
    assertThat(MachineRemains.text(d.log())).isEqualTo("ready\nterm\n");
  }

  @Test
  void killDoesNotAsk() {
    Detached d = ready(HANDLES);
    Detached.guard("kill", d.id());
    d.assertGone();
    assertThat(exitOf(d)).isEqualTo(137);
    assertThat(MachineRemains.text(d.log())).isEqualTo("ready\n");
  }

  @Test
  void whoDoesNotListenIsKilledAfterTheGrace() {
    Detached d = ready(IGNORES);
    Detached.guard("stop", "--grace", "0.5", d.id());
    d.assertGone();
    assertThat(exitOf(d)).isEqualTo(137);
  }

  @Test
  void theGraceIsTheCommandsOwnAndNotTheCallers() {
    Detached patient = Detached.start("--kill-after", "60", "--", "sh", "-c", HANDLES);
    Detached hasty = Detached.start("--kill-after", "0", "--", "sh", "-c", HANDLES);
    patient.awaitLog("ready\n");
    hasty.awaitLog("ready\n");
    Finished f = GuardProcess.of("stop", patient.id()).with("GUARD_KILL_AFTER", "0").run();
    assertThat(f.exit()).isZero();
    assertThat(exitOf(patient)).as("it had time for its handler").isEqualTo(9);
    f = GuardProcess.of("stop", hasty.id()).with("GUARD_KILL_AFTER", "60").run();
    assertThat(f.exit()).isZero();
    assertThat(exitOf(hasty)).as("KILL at once").isEqualTo(137);
  }

  @Test
  void theRecordOfAGuardThatWroteNoGraceIsReadAllTheSame() throws Exception {
    Detached d = Detached.start("--kill-after", "60", "--", "sh", "-c", HANDLES);
    d.awaitLog("ready\n");
    JsonObject older = Store.record(d.id());
    assertThat(older.remove("kill_after").getAsString()).isEqualTo("PT1M");
    Files.writeString(Store.recordFile(d.id()).orElseThrow(), older + "\n");
    Finished f = GuardProcess.of("stop", d.id()).with("GUARD_KILL_AFTER", "0").run();
    assertThat(f.exit()).as(f.errors()).isZero();
    assertThat(exitOf(d)).as("KILL at once, as the caller has it").isEqualTo(137);
  }

  @ParameterizedTest
  @ValueSource(strings = {"stop", "kill"})
  void againAndAfterItsEndItIsNoError(String word) {
    Detached d = ready(HANDLES);
    for (int i = 0; i < 2; i++) {
      Finished f = Detached.guard(word, d.id());
      assertThat(f.errors()).isEmpty();
    }
    Reported foreground = Reported.exec("--", "true");
    assertThat(Detached.guard(word, foreground.id()).errors()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"stop", "kill", "rm", "wait", "logs"})
  void anUnknownOne(String word) {
    Detached d = ready(HANDLES);
    String id = d.id();
    String other = id.substring(0, 15) + (id.endsWith("0") ? "1" : "0");
    for (String reference : List.of("no-such-name", other)) {
      Finished f = GuardProcess.of(word, reference).run();
      assertThat(f.exit()).isEqualTo(125);
      assertThat(f.errors())
          .isEqualTo(
              "guard: no command "
                  + reference
                  + " is known; guard ps --all lists those that are\n");
    }
    assertThat(d.state()).isEqualTo("running");
  }

  /** One that is known and can not be ended; what is unknown is in WordsCheckedIT. */
  @Test
  void oneThatFailsDoesNotKeepItFromTheOthers() {
    Detached other = ready(HANDLES);
    Detached d =
        Detached.start(
            "--",
            "sh",
            "-c",
            "\"$GUARD\" stop $GUARD_ID " + other.id() + "; echo ended $?; exec sleep 300");
    d.awaitLog("ended 125\n");
    assertThat(MachineRemains.text(d.log())).contains("part of command " + d.id() + " itself\n");
    other.assertGone();
    assertThat(d.state()).isEqualTo("running");
  }

  @Test
  void byNameAndByTheBeginningOfTheId() {
    String name = "stop-" + ProcessHandle.current().pid();
    Detached named = Detached.start("--name", name, "--", "sleep", "300");
    Detached.guard("stop", name);
    named.assertGone();
    Detached d = Detached.start("--", "sleep", "300");
    // Of the ids on this machine no two share twelve digits.
    Detached.guard("stop", d.id().substring(0, 12));
    d.assertGone();
  }

  @Test
  void aBeginningOfSeveralIdsEndsNone() {
    // The 17th has a beginning that another one has.
    List<Detached> all =
        IntStream.range(0, 17)
            .mapToObj(
                i ->
                    Detached.start(
                        call -> call.with("GUARD_BUDGET", "none").with("GUARD_RATE_LIMIT", "0"),
                        "--max-processes",
                        "0",
                        "--",
                        "sleep",
                        "300"))
            .toList();
    Detached twin =
        all.stream()
            .filter(d -> all.stream().filter(o -> o.id().charAt(0) == d.id().charAt(0)).count() > 1)
            .findFirst()
            .orElseThrow();
    Finished f = GuardProcess.of("stop", twin.id().substring(0, 1)).run();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors())
        .startsWith("guard: " + twin.id().charAt(0) + " could be each of ")
        .contains(twin.id())
        .endsWith("; write more of the id\n");
    assertThat(all).allMatch(d -> Store.recordFile(d.id()).isPresent());
  }

  @Test
  void aForegroundCommandOfAnotherGuard() throws Exception {
    Running guard =
        GuardProcess.exec(
                "--name", "fg-" + ProcessHandle.current().pid(), "--", "sh", "-c", HANDLES)
            .in(directory)
            .start();
    Polling.until("it runs", () -> Files.readString(guard.output()).equals("ready\n"));
    Detached.guard("stop", "fg-" + ProcessHandle.current().pid());
    assertThat(guard.await().exit()).isEqualTo(9);
  }

  @Test
  void aCommandDoesNotEndItself() {
    Detached d =
        Detached.start("--", "sh", "-c", "\"$GUARD\" stop $GUARD_ID; echo ready $?; sleep 300");
    d.awaitLog("ready 125\n");
    assertThat(MachineRemains.text(d.log()))
        .startsWith("guard: this process is part of command " + d.id() + " itself\n");
    assertThat(d.state()).isEqualTo("running");
  }
}
