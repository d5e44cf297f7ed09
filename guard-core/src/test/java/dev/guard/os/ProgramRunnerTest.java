package dev.guard.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.testing.Host;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Programs are run to their end, and no longer than that or than the patience for them. */
class ProgramRunnerTest {
  private static final Os OS = Os.linux();
  // No test waits for it.
  private static final Duration LONG = Duration.ofMinutes(1);

  private Set<Integer> before;

  @BeforeEach
  void childrenBefore() throws IOException {
    before = children();
  }

  /** Each program has ended and was waited for, whatever it answered. */
  @AfterEach
  void noProgramIsLeft() throws IOException {
    assertThat(before).containsAll(children());
  }

  private static Set<Integer> children() throws IOException {
    Set<Integer> children = new HashSet<>(Host.children(false));
    children.addAll(Host.children(true));
    return children;
  }

  private static ProgramResult run(String script, Duration patience) throws IOException {
    return ProgramRunner.run(
        OS,
        List.of(OsString.of("/bin/sh"), OsString.of("-c"), OsString.of(script)),
        List.of(OsString.of("PATH=/usr/bin:/bin")),
        patience);
  }

  @Test
  void theAnswerIsWhole() throws IOException {
    assertThat(run("echo a; echo b >&2; exit 3", LONG))
        .isEqualTo(new ProgramResult(3, "a\n", "b\n"));
    assertThat(run("kill -9 $$", LONG).status()).isEqualTo(137);
    String much = run("head -c 300000 /dev/zero | tr '\\0' x", LONG).output();
    assertThat(much).hasSize(300_000);
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void whoHoldsThePipeIsNotWaitedFor() throws IOException {
    ProgramResult result = run("sleep 100 & echo $!", LONG);
    int holder = Integer.parseInt(result.output().strip());
    assertThat(OS.kill(holder, Signals.KILL)).as("it still held the pipe").isTrue();
  }

  @Test
  void whatTakesTooLongIsKilled() {
    assertThatThrownBy(() -> run("exec sleep 60", Duration.ofMillis(50)))
        .isInstanceOf(IOException.class)
        .hasMessage("/bin/sh gave no answer within 50 ms");
  }

  @Test
  void whatSaysTooMuchIsKilled() {
    assertThatThrownBy(() -> run("exec cat /dev/zero", LONG))
        .hasMessage("/bin/sh said more than " + OutputPipe.MOST_BYTES + " bytes");
  }
}
