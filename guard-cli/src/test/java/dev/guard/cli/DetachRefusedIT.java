package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Shows that a detached command that can not be started says so as in the foreground, and leaves
 * nothing.
 */
@ExtendWith({NothingLeft.class, Detached.Removed.class})
class DetachRefusedIT {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final String WITHOUT_SCOPE = "guard: detached without a scope of its own.*\n";

  @TempDir private Path directory;
  private final String budget =
      "refused-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();

  private Finished run(String... arguments) {
    return GuardProcess.exec(arguments)
        .with("GUARD_BUDGET", budget)
        .with("GUARD_MAX_PROCESSES", "1")
        .in(directory)
        .run();
  }

  private Finished detached(String... arguments) {
    List<String> all = new ArrayList<>(List.of("--detach"));
    all.addAll(List.of(arguments));
    return run(all.toArray(String[]::new));
  }

  private static String complaint(Finished f) {
    return f.errors().replaceFirst(WITHOUT_SCOPE, "");
  }

  private void assertNothing() {
    assertThat(Detached.shown()).noneMatch(c -> c.get("budget").getAsString().equals(budget));
  }

  private static List<Path> logs() throws IOException {
    Path logs = GuardProcess.STATE.resolve("guard/logs");
    if (!Files.isDirectory(logs)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(logs)) {
      return all.sorted().toList();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--timeout=x --pids-max=-1 -- true",
        "-- no-such-program",
        "-- /etc/passwd",
        "-- ./no-interpreter",
        "--require memory,nothing -- true",
        "--directory no-such-directory -- true",
        "--name -x -- true",
        "--unknown -- true",
        ""
      })
  void asInTheForeground(String words) throws IOException {
    GuardProcess.program(directory.resolve("no-interpreter"), "#!/no/such/interpreter\n");
    List<Path> before = logs();
    String[] arguments = words.isEmpty() ? new String[0] : words.split(" ", -1);
    Finished foreground = run(arguments);
    Finished detached = detached(arguments);
    assertThat(foreground.exit()).isIn(125, 126, 127);
    assertThat(detached.exit()).isEqualTo(foreground.exit());
    assertThat(complaint(detached)).isEqualTo(foreground.errors()).startsWith("guard: ");
    assertThat(detached.output()).isEmpty();
    assertNothing();
    assertThat(logs()).isEqualTo(before);
  }

  @Test
  void aLayerThatCanNotBeHadRefusesIt() throws IOException {
    List<Path> before = logs();
    Finished f =
        GuardProcess.exec("--detach", "--require", "pids", "--", "sleep", "300")
            .with("GUARD_BUDGET", budget)
            .withoutCgroups()
            .run();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(complaint(f)).startsWith("guard: required layer pids is degraded: ");
    assertNothing();
    assertThat(logs()).isEqualTo(before);
  }

  @Test
  void aFullBudget() {
    Detached d =
        Detached.start(
            call -> call.with("GUARD_BUDGET", budget).with("GUARD_MAX_PROCESSES", "1"),
            "--",
            "sleep",
            "300");
    Finished f = detached("--", "sleep", "300");
    assertThat(f.exit()).isEqualTo(75);
    assertThat(complaint(f))
        .isEqualTo(
            "guard: Process limit reached (1/1 active processes)\n"
                + "guard: Cannot start a new process. Increase GUARD_MAX_PROCESSES or wait for"
                + " processes to complete.\n"
                + "guard: The most processes have: "
                + d.id()
                + " (1); end one by: guard stop "
                + d.id()
                + "\n");
    assertThat(Detached.shown())
        .filteredOn(c -> c.get("budget").getAsString().equals(budget))
        .singleElement()
        .satisfies(c -> assertThat(c.get("id").getAsString()).isEqualTo(d.id()));
  }

  @Test
  void aNameThatIsTaken() {
    Detached d = Detached.start("--name", budget, "--", "sleep", "300");
    Finished f = detached("--name", budget, "--", "sleep", "300");
    assertThat(f.exit()).isEqualTo(125);
    assertThat(complaint(f))
        .isEqualTo(
            "guard: name "
                + budget
                + " is taken by command "
                + d.id()
                + "; choose another, or end that one\n");
    assertNothing();
    Detached.guard("rm", "-f", budget);
    d.assertGone();
    Detached again = Detached.start("--name", budget, "--", "sleep", "300");
    assertThat(again.id()).as("the name is free again").isNotEqualTo(d.id());
  }

  @Test
  void whatNeedsACaller() {
    Finished f = detached("--verbose", "--report", "fd:3", "--", "true");
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors())
        .isEqualTo(
            "guard: --verbose: a detached command has nobody to tell; use --report or guard ps\n"
                + "guard: --report: a detached command keeps no descriptor open; name a file\n");
  }

  @Test
  void aReportGoesToAFile() throws IOException {
    Path report = directory.resolve("report.json");
    Detached d = Detached.start("--report", report.toString(), "--", "sh", "-c", "exit 3");
    assertThat(GuardProcess.of("wait", d.id()).run().exit()).isEqualTo(3);
    Polling.until("there is a report", () -> Files.size(report) > 0);
    assertThat(Reported.parse(Files.readString(report)).get("id").getAsString()).isEqualTo(d.id());
  }
}
