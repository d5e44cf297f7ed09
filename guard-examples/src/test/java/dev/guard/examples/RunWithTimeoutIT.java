package dev.guard.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs the example as a program of its own. Needs Linux and /bin/sh, no privilege. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RunWithTimeoutIT {
  @Test
  void printsWhatCameOfACommandThatEnds() throws IOException {
    assertThat(example("sh", "-c", "echo built; exit 3"))
        .containsExactly("exit code: 3", "output: built", "cause: exited");
  }

  @Test
  void endsACommandThatTakesTooLongAndKeepsItsOutput() throws IOException {
    assertThat(example("sh", "-c", "echo started; sleep 60"))
        .containsExactly("exit code: 124", "output: started", "cause: timeout");
  }

  private static List<String> example(String... command) throws IOException {
    return ExampleProgram.run(RunWithTimeout.class, List.of(), command);
  }
}
