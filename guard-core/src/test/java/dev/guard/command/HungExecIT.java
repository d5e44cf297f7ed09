package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.Cause;
import dev.guard.config.Setting;
import dev.guard.os.Os;
import dev.guard.os.Signals;
import dev.guard.testing.TestCommands;
import dev.guard.value.Result;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Releases a process that does not come to its exec, as on a dead network file system: here it is
 * stopped. Needs nothing but Linux.
 */
class HungExecIT {
  private final CompletableFuture<Integer> stopped = new CompletableFuture<>();

  private CommandHandle start(CommandRunner guard) throws Exception {
    return guard.start(
        TestCommands.sh("echo it ran")
            .withBeforeRelease(
                pid -> {
                  Os.linux().kill(pid, Signals.STOP);
                  stopped.complete(pid);
                }));
  }

  @Test
  void isCancelled() throws Exception {
    try (CommandRunner guard =
        CommandRunner.with(TestCommands.config(Map.of(Setting.TIMEOUT, "0")))) {
      CommandHandle command = start(guard);
      stopped.get(20, TimeUnit.SECONDS);
      command.cancel();
      assertEnded(command.result().get(40, TimeUnit.SECONDS), Cause.CANCELLED);
    }
  }

  @Test
  void isEndedAtItsDeadline() throws Exception {
    try (CommandRunner guard =
        CommandRunner.with(TestCommands.config(Map.of(Setting.TIMEOUT, "1")))) {
      CommandHandle command = start(guard);
      assertEnded(command.result().get(40, TimeUnit.SECONDS), Cause.TIMEOUT);
      assertThat(command.released()).as("it has not exec'd").failsWithin(Duration.ofSeconds(10));
    }
  }

  private void assertEnded(Result result, Cause cause) throws Exception {
    assertThat(result.outcome().cause()).as("%s", result.outcome()).isEqualTo(cause);
    assertThat(result.survivors()).isEmpty();
    assertThat(Os.linux().hasGone(stopped.get())).isTrue();
  }
}
