package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.Cause;
import dev.guard.Outcome;
import dev.guard.os.Signals;
import dev.guard.testing.Await;
import dev.guard.testing.TestCommands;
import dev.guard.value.CommandInput;
import dev.guard.value.CommandOutput;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Closes a runner while commands run, or before. Needs nothing but Linux. */
class ClosedRunnerIT {
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();

  @Test
  void itsLifelineEndsWhatRunsAndTheResultSaysSo() throws Exception {
    CommandRunner guard = CommandRunner.with(TestCommands.config(Map.of()));
    CommandHandle command = guard.start(announced("echo ready; exec sleep 60"));
    Await.until("the command runs", () -> output.size() > 0);

    guard.close();

    Result result = command.result().get(30, TimeUnit.SECONDS);
    assertThat(result.outcome()).isInstanceOf(Outcome.Ran.class);
    assertThat(((Outcome.Ran) result.outcome()).status().orElseThrow().signal())
        .isEqualTo(Signals.KILL);
    assertThat(result.survivors()).isEmpty();
  }

  @Test
  void itRunsNothingAnyMore() throws Exception {
    CommandRunner guard = CommandRunner.with(TestCommands.config(Map.of()));
    guard.close();

    Result result = guard.run(announced("echo ready"));

    assertThat(result.outcome().cause()).isEqualTo(Cause.GUARD_ERROR);
    assertThat(result.outcome().messages()).singleElement().asString().contains("Guard is closed");
    assertThat(output.size()).isZero();
  }

  @Test
  void closingAgainIsNoError() throws Exception {
    CommandRunner guard = CommandRunner.with(TestCommands.config(Map.of()));
    guard.close();
    guard.close();
    assertThat(guard.run(announced("true")).outcome()).isInstanceOf(Outcome.Failed.class);
  }

  private Request announced(String script) {
    return Request.of("sh", "-c", script)
        .withInput(new CommandInput.Empty())
        .withOutput(new CommandOutput.Stream(output), new CommandOutput.Inherit());
  }
}
