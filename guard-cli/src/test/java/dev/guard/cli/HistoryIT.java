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

/** Shows how {@code guard history} lists commands that have ended, and what it asks of the disk. */
@ExtendWith({NothingLeft.class, Detached.Removed.class})
class HistoryIT {
  private static final AtomicInteger COUNT = new AtomicInteger();

  @TempDir private Path directory;
  private final String budget =
      "history-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();

  private Finished exec(String... arguments) {
    return GuardProcess.exec(arguments).with("GUARD_BUDGET", budget).run();
  }

  private List<String> history(String... options) {
    List<String> words = new ArrayList<>(List.of("history", "--budget", budget));
    words.addAll(List.of(options));
    return Detached.guard(words.toArray(String[]::new)).lines();
  }

  @Test
  void eachCommandThatHasEndedIsOneLine() {
    exec("--name", "first", "--", "sh", "-c", "exit 3");
    exec("--timeout", "0.2", "--", "sleep", "30");
    exec("--", "no-such-program");
    Detached d = Detached.start(c -> c.with("GUARD_BUDGET", budget), "--", "true");
    Detached.guard("wait", d.id());
    List<String> lines = history();
    assertThat(lines).hasSize(5);
    assertThat(lines.get(0)).matches("ENDED +ID +NAME +BUDGET +CAUSE +EXIT +COMMAND");
    assertThat(lines.get(1)).matches(".* first +" + budget + " +exited +3 +sh -c 'exit 3'");
    assertThat(lines.get(2)).matches(".* - +" + budget + " +timeout +124 +sleep 30");
    assertThat(lines.get(3)).matches(".* 127 +no-such-program");
    assertThat(lines.get(4)).contains(" " + d.id() + " ");
    assertThat(history("--cause", "timeout")).hasSize(2).last().asString().endsWith("sleep 30");
    assertThat(history("--json"))
        .hasSize(4)
        .allSatisfy(
            l -> assertThat(Reported.parse(l).get("budget").getAsString()).isEqualTo(budget));
  }

  @Test
  void byTime() {
    exec("--", "true");
    assertThat(history("--since", "1h")).hasSize(2);
    assertThat(history("--until", "1h")).hasSize(1);
    assertThat(history("--since", "2000-01-01", "--until", "2099-12-31T23:59:59Z")).hasSize(2);
    assertThat(history("--since", "2099-01-01T00:00")).hasSize(1);
    Finished bad = GuardProcess.of("history", "--since", "soon").run();
    assertThat(bad.exit()).isEqualTo(125);
    assertThat(bad.errors()).contains("--since: soon is no time");
    Finished worse = GuardProcess.of("history", "--cause", "bad luck").run();
    assertThat(worse.exit()).isEqualTo(125);
    assertThat(worse.errors()).contains("--cause: bad luck is none of exited, signalled, ");
  }

  /** As much as Guard itself keeps, which is more than a JVM of guard has memory for. */
  @Test
  void allThatIsKeptIsPrintedInConstantMemory() throws IOException {
    exec("--", "sh", "-c", ": '" + "x".repeat(3000) + "'");
    String line = String.join("\n", history("--json")) + "\n";
    Path files = Files.createDirectories(directory.resolve("guard"));
    String full = line.repeat((8 << 20) / line.length());
    for (String name :
        List.of(
            "events.jsonl.4",
            "events.jsonl.3",
            "events.jsonl.2",
            "events.jsonl.1",
            "events.jsonl")) {
      Files.writeString(files.resolve(name), full);
    }
    Path out = directory.resolve("out");
    for (String how : List.of("", "--json")) {
      Finished f =
          GuardProcess.script("\"$GUARD\" history " + how + " >\"$1\"", out.toString())
              .with("XDG_STATE_HOME", directory.toString())
              .run();
      assertThat(f.exit()).as(f.errors()).isZero();
      try (Stream<String> lines = Files.lines(out)) {
        assertThat(lines.count())
            .isEqualTo(5L * full.length() / line.length() + (how.isEmpty() ? 1 : 0));
      }
    }
    assertThat(Files.size(out)).isEqualTo(5L * full.length());
  }

  @Test
  void whereItCanNotBeWrittenCommandsRunAllTheSame() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    for (String state : List.of(file.toString(), "/proc/guard")) {
      Finished f =
          GuardProcess.exec("--verbose", "--", "sh", "-c", "echo ran; exit 3")
              .with("XDG_STATE_HOME", state)
              .run();
      assertThat(f.exit()).isEqualTo(3);
      assertThat(f.output()).isEqualTo("ran\n");
      assertThat(f.errors()).contains("history: ").contains(state);
      Finished quiet = GuardProcess.exec("--", "true").with("XDG_STATE_HOME", state).run();
      assertThat(quiet.errors()).isEmpty();
    }
  }

  @Test
  void aDetachedCommandNeedsAPlaceForItsLog() {
    Finished f =
        GuardProcess.exec("--detach", "--", "sleep", "300")
            .with("XDG_STATE_HOME", "/proc/guard")
            .run();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.output()).isEmpty();
    assertThat(f.errors()).contains("/proc/guard");
  }
}
