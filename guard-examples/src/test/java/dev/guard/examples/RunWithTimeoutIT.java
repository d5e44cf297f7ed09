package dev.guard.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
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
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> all = new ArrayList<>(List.of(java, "-cp", System.getProperty("java.class.path")));
    all.add(RunWithTimeout.class.getName());
    all.addAll(List.of(command));
    Process process =
        new ProcessBuilder(all).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (InputStream out = process.getInputStream()) {
      return new String(out.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}
