package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks the lists of {@code guard ps}. */
@ExtendWith({NothingLeft.class, Detached.Removed.class})
class PsIT {
  private final String name = "ps-" + ProcessHandle.current().pid();

  /** The line about a command, its columns. */
  private static List<String> line(String id, String... words) {
    Finished f = Detached.guard(words);
    assertThat(f.lines().get(0))
        .matches("ID +NAME +BUDGET +STATE +AGE +PROCS +CPU +MEMORY +LEFT +LIMITS +COMMAND");
    return f.lines().stream()
        .filter(l -> l.startsWith(id))
        .findFirst()
        .map(l -> List.of(l.split(" +", 11)))
        .orElse(List.of());
  }

  private static JsonObject layer(JsonObject shown, String name) {
    JsonArray layers = shown.getAsJsonArray("layers");
    for (JsonElement layer : layers) {
      if (layer.getAsJsonObject().get("name").getAsString().equals(name)) {
        return layer.getAsJsonObject();
      }
    }
    throw new AssertionError("no layer " + name + " in " + layers);
  }

  @Test
  void theColumnsOfOneThatRuns() {
    Detached d =
        Detached.start(
            "--name", name, "--budget", name, "--pids-max=77", "--", "sh", "-c", "sleep 300; :");
    Polling.until("it has both processes", () -> d.processes().size() == 2);
    List<String> line = line(d.id(), "ps");
    assertThat(line.subList(0, 4)).containsExactly(d.id(), name, name, "running");
    assertThat(line.get(4)).as("age").matches("\\d+s");
    assertThat(line.get(5)).as("processes").isEqualTo("2");
    assertThat(line.get(8)).as("what is left of 300 s").matches("4m\\d+s");
    assertThat(line.get(9)).contains("registry=32", "rate_limit=5", "pids=77", "open_files=");
    assertThat(line.get(10)).isEqualTo("sh -c 'sleep 300; :'");
  }

  /**
   * Ages are right as if the wall clock had been set back by a day while it runs, and then again.
   */
  @ParameterizedTest
  @ValueSource(longs = {86_400, -86_400})
  void theWallClockMayBeSet(long seconds) throws IOException {
    Detached d = Detached.start("--name", name, "--", "sleep", "300");
    Path file = Store.recordFile(d.id()).orElseThrow();
    JsonObject record = Store.record(d.id());
    for (String moment : List.of("requested", "deadline")) {
      Instant was = Instant.parse(record.get(moment).getAsString());
      record.addProperty(moment, was.plusSeconds(seconds).toString());
    }
    Files.writeString(file, record.toString());
    List<String> line = line(d.id(), "ps");
    assertThat(line.get(4)).as("age").matches("\\d+s");
    assertThat(line.get(8)).as("what is left of 300 s").matches("4m\\d+s");
    Instant deadline =
        Instant.parse(Detached.shown(d.id()).orElseThrow().get("deadline").getAsString());
    assertThat(deadline).isBetween(Instant.now(), Instant.now().plusSeconds(300));
  }

  @Test
  void theSameAsJson() {
    Detached d = Detached.start("--name", name, "--timeout=600", "--", "sleep", "300");
    JsonObject shown = Detached.shown(d.id()).orElseThrow();
    assertThat(shown.get("name").getAsString()).isEqualTo(name);
    assertThat(shown.get("state").getAsString()).isEqualTo("running");
    assertThat(shown.get("detached").getAsBoolean()).isTrue();
    assertThat(shown.get("processes").getAsInt()).isEqualTo(1);
    assertThat(shown.get("main_pid").getAsLong()).isEqualTo(d.main());
    assertThat(shown.get("guard_pid").getAsLong()).isEqualTo(d.guard());
    assertThat(shown.getAsJsonArray("argv").toString()).isEqualTo("[\"sleep\",\"300\"]");
    Instant deadline = Instant.parse(shown.get("deadline").getAsString());
    Instant requested = Instant.parse(shown.get("requested").getAsString());
    assertThat(Duration.between(requested, deadline))
        .isGreaterThanOrEqualTo(Duration.ofMinutes(10));
    assertThat(layer(shown, "timeout").get("limit").getAsString()).isEqualTo("600.0");
    assertThat(layer(shown, "pids").get("state").getAsString()).isEqualTo("active");
  }

  @Test
  void ofTwoGuardsInOneBudgetEachShowsItsOwnLimit() {
    Detached wide = Detached.start("--budget", name, "--max-processes=9", "--", "sleep", "300");
    Detached narrow = Detached.start("--budget", name, "--max-processes=2", "--", "sleep", "300");
    Finished refused = GuardProcess.exec("--budget", name, "--max-processes=2", "--", "true").run();
    assertThat(refused.exit()).as("each by its own limit").isEqualTo(75);
    assertThat(refused.errors())
        .startsWith("guard: Process limit reached (2/2 active processes)\n");
    assertThat(GuardProcess.exec("--budget", name, "--max-processes=9", "--", "true").run().exit())
        .isZero();
    assertThat(line(wide.id(), "ps").get(9)).startsWith("registry=9,");
    assertThat(line(narrow.id(), "ps").get(9)).startsWith("registry=2,");
    assertThat(
            layer(Detached.shown(narrow.id()).orElseThrow(), "registry").get("limit").getAsString())
        .isEqualTo("2");
  }

  @Test
  void aLimitThatIsNotInForceHasAQuestionMark() {
    Detached d =
        Detached.start(GuardProcess::withoutCgroups, "--pids-max=77", "--", "sleep", "300");
    assertThat(line(d.id(), "ps").get(9)).contains("pids=77?");
    assertThat(line(d.id(), "ps").get(5)).as("processes").isEqualTo("1");
  }

  @Test
  void thoseThatHaveEndedAreShownWhenAskedFor() {
    Detached d = Detached.start("--name", name, "--", "sh", "-c", "exit 4");
    GuardProcess.of("wait", d.id()).run();
    assertThat(line(d.id(), "ps")).isEmpty();
    String all = String.join(" ", line(d.id(), "ps", "--all"));
    assertThat(all).matches(d.id() + " " + name + " it-\\S+ ended 4 .* sh -c 'exit 4'");
    JsonObject shown = Detached.shown(d.id()).orElseThrow();
    assertThat(shown.get("exit_code").getAsInt()).isEqualTo(4);
    assertThat(shown.get("cause").getAsString()).isEqualTo("exited");
  }

  @Test
  void aForegroundCommandIsShownToo() {
    Running guard = GuardProcess.exec("--name", name, "--", "sleep", "300").start();
    Polling.until("it runs", () -> line(name).size() == 11);
    guard.signal("TERM");
    assertThat(guard.await().exit()).isEqualTo(143);
    assertThat(line(name)).isEmpty();
  }

  private static List<String> line(String name) {
    return Detached.guard("ps").lines().stream()
        .filter(l -> l.contains(" " + name + " ") && l.contains(" running "))
        .findFirst()
        .map(l -> List.of(l.split(" +", 11)))
        .orElse(List.of());
  }
}
