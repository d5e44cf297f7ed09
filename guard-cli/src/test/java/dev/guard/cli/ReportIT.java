package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Shows that the report has the documented form, or guard says why there is none. */
@ExtendWith(NothingLeft.class)
class ReportIT {
  @TempDir private Path directory;

  @Test
  void everyFieldOfACommandThatExits() {
    Instant before = Instant.now();
    Reported r = Reported.exec(p -> p.in(directory), "--budget", "b", "--", "sh", "-c", "exit 3");
    JsonObject report = r.report();
    assertThat(report.keySet())
        .containsExactly(
            "id",
            "name",
            "budget",
            "agent",
            "agent_session",
            "tool_call",
            "argv",
            "directory",
            "times",
            "exit",
            "layers",
            "usage",
            "output_lost_bytes",
            "leftovers_killed",
            "leftovers_kept",
            "strays",
            "survivors",
            "notes");
    assertThat(r.id()).matches("[0-9a-f]{16}");
    assertThat(report.get("budget").getAsString()).isEqualTo("b");
    assertThat(report.get("argv")).hasToString("[\"sh\",\"-c\",\"exit 3\"]");
    assertThat(report.get("directory").getAsString()).isEqualTo(directory.toString());
    JsonObject times = report.getAsJsonObject("times");
    assertThat(times.keySet())
        .containsExactly("requested", "waited_seconds", "ran_seconds", "reaped_seconds", "ended");
    assertThat(Instant.parse(times.get("requested").getAsString()))
        .isBetween(before, Instant.now());
    assertThat(times.get("ran_seconds").getAsDouble()).isPositive();
    assertThat(report.get("exit"))
        .hasToString("{\"code\":3,\"signal\":null,\"cause\":\"exited\",\"messages\":[]}");
    assertThat(report.get("leftovers_killed").getAsInt()).isZero();
    assertThat(report.get("survivors")).hasToString("[]");
    assertThat(report.get("notes")).hasToString("[]");
    assertThat(report.get("name").isJsonNull()).isTrue();
    assertThat(Instant.parse(times.get("ended").getAsString())).isBetween(before, Instant.now());
  }

  @Test
  void everyLayerInItsOrderAndWhatItUsed() {
    Reported r =
        Reported.exec("--pids-max", "77", "--timeout", "60", "--open-files", "99", "--", "true");
    assertThat(r.report().getAsJsonArray("layers").asList())
        .extracting(l -> l.getAsJsonObject().get("name").getAsString())
        .containsExactly(
            "registry",
            "rate_limit",
            "pids",
            "memory",
            "cpu",
            "cpu_time",
            "open_files",
            "process_group",
            "timeout",
            "lifeline");
    for (JsonElement layer : r.report().getAsJsonArray("layers")) {
      assertThat(layer.getAsJsonObject().keySet())
          .containsExactly("name", "state", "limit", "detail");
    }
    assertThat(state(r, "pids")).isEqualTo("active 77");
    assertThat(state(r, "open_files")).isEqualTo("active 99");
    assertThat(state(r, "timeout")).isEqualTo("active 60.0");
    assertThat(state(r, "memory")).isEqualTo("off ");
    assertThat(r.report().getAsJsonObject("usage").keySet())
        .containsExactly(
            "cpu_micros",
            "peak_memory_bytes",
            "peak_memory_source",
            "peak_pids",
            "forks_refused",
            "oom_kills");
    assertThat(r.usage("cpu_micros")).isPositive();
    assertThat(r.usage("forks_refused")).isZero();
    assertThat(r.usage("peak_pids")).isPositive();
  }

  private static String state(Reported r, String layer) {
    JsonObject found = r.layer(layer);
    return found.get("state").getAsString() + " " + found.get("limit").getAsString();
  }

  @Test
  void aSignalAndALimitAreCauses() {
    Reported killed = Reported.exec("--", "sh", "-c", "kill -KILL $$");
    assertThat(killed.report().get("exit"))
        .hasToString("{\"code\":137,\"signal\":9,\"cause\":\"signalled\",\"messages\":[]}");
    Reported refused = Reported.exec("--pids-max", "1", "--", "sh", "-c", "/bin/true || :; exit 1");
    assertThat(refused.cause()).isEqualTo("pids");
    assertThat(refused.usage("forks_refused")).isPositive();
  }

  @Test
  void whatCouldNotBeExecutedIsReportedToo() {
    Reported r = Reported.exec("--", "no-such-command-anywhere");
    assertThat(r.report().getAsJsonObject("exit").get("code").getAsInt()).isEqualTo(127);
    assertThat(r.report().getAsJsonObject("exit").getAsJsonArray("messages"))
        .hasToString("[\"no-such-command-anywhere: command not found\"]");
  }

  @Test
  void argumentsThatAreNoUtf8StandInBase64() throws IOException {
    Finished f =
        GuardProcess.script("\"$GUARD\" exec --report r -- true '\u00ff' plain")
            .in(directory)
            .run();
    assertThat(f.exit()).isZero();
    JsonObject report = Reported.parse(Files.readString(directory.resolve("r")));
    assertThat(report.get("argv_base64")).hasToString("[\"dHJ1ZQ==\",\"/w==\",\"cGxhaW4=\"]");
    assertThat(report.getAsJsonArray("argv").get(2).getAsString()).isEqualTo("plain");
  }

  @Test
  void aPlaceThatCanNotBeWrittenKeepsTheCommandFromRunning() {
    for (String place : List.of("/no/such/report", directory.toString(), "fd:9", "fd:x", "fd:")) {
      Finished f = GuardProcess.exec("--report", place, "--", "echo", "ran").run();
      assertThat(f.exit()).as(place).isEqualTo(125);
      assertThat(f.output()).isEmpty();
      assertThat(f.errors()).startsWith("guard: --report: ").contains(place);
      assertThat(f.errors().lines()).hasSize(1);
    }
  }

  @Test
  void aFullDiskIsSaid() {
    Finished f = GuardProcess.exec("--report", "/dev/full", "--", "echo", "ran").run();
    assertThat(f.output()).isEqualTo("ran\n");
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors()).matches("guard: --report: .*space.*\n");
  }

  @Test
  void theReportMayGoToStandardOutput() {
    Finished f = GuardProcess.exec("--report", "fd:1", "--", "echo", "ran").run();
    assertThat(f.lines()).hasSize(2).first().isEqualTo("ran");
    assertThat(Reported.parse(f.lines().get(1)).getAsJsonObject("exit").get("code").getAsInt())
        .isZero();
  }

  @Test
  void anOldReportIsReplaced() throws IOException {
    Path file = Files.writeString(directory.resolve("r"), "x".repeat(10_000));
    assertThat(GuardProcess.exec("--report", file.toString(), "--", "true").run().exit()).isZero();
    assertThat(Files.readString(file)).startsWith("{\"id\":").endsWith("}\n").doesNotContain("xx");
  }
}
