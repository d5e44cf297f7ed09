package dev.guard.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.StartedProgram;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Has a shell stand for systemd-run: the word that it says, and the one that it leaves unsaid. */
class ScopeStartTest {
  private static final Os OS = Os.linux();
  private static final String WORD = "started\n";
  // No test waits for it.
  private static final Duration LONG = Duration.ofMinutes(1);

  private int pid;

  private Optional<ScopeStart.Failure> start(String systemdRun, Duration patience)
      throws IOException {
    List<String> words = List.of("/bin/sh", "-c", systemdRun, "systemd-run");
    Scope scope = new Scope("guard-of-a-test.scope", words, Map.of("PATH", "/usr/bin:/bin"), false);
    List<OsString> argv = new ArrayList<>(scope.words());
    for (String word : List.of("/bin/sh", "-c", "echo started; exec sleep 60")) {
      argv.add(OsString.of(word));
    }
    try (StartedProgram program = StartedProgram.start(OS, argv, scope.entries(), 0)) {
      pid = program.pid();
      Optional<ScopeStart.Failure> failure = ScopeStart.await(OS, scope, program, WORD, patience);
      if (failure.isEmpty()) {
        assertThat(OS.childHasEnded(pid)).as("it goes on").isFalse();
        program.kill();
      }
      return failure;
    }
  }

  @Test
  void theWordIsAwaited() throws IOException {
    assertThat(start("exec \"$@\"", LONG)).isEmpty();
  }

  @Test
  void whatSystemdRunComplainsOfIsTheProblem() throws IOException {
    ScopeStart.Failure failure = start("echo 'no  bus' >&2; echo here >&2; exit 1", LONG).get();
    assertThat(failure.problem()).isEqualTo("no bus here");
    assertThat(OS.hasGone(pid)).isTrue();
  }

  @Test
  void anEndWithoutAWordIsNoAnswer() throws IOException {
    ScopeStart.Failure failure = start("exit 1", LONG).get();
    assertThat(failure.refusal()).isEmpty();
    assertThat(failure.problem()).startsWith("systemd-run gave no answer");
  }

  /** Nothing of it may come later: it would be a second one. */
  @Test
  void whatGivesNoAnswerInTimeIsEnded() throws IOException {
    ScopeStart.Failure failure = start("echo slow >&2; exec sleep 60", Duration.ofMillis(50)).get();
    assertThat(failure.refusal()).isEmpty();
    assertThat(OS.hasGone(pid)).isTrue();
  }
}
