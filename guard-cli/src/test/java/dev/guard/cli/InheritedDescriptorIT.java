package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs target/guard/bin/guard. Needs bash, since other shells name no descriptor above 9. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InheritedDescriptorIT {
  private static final Path GUARD = Path.of("target/guard/bin/guard").toAbsolutePath();

  @Test
  void mayHaveANumberAboveTheLimitOfOpenFiles() throws IOException {
    String command = "exec --open-files 32 -- sh -c 'ulimit -n; readlink /proc/self/fd/200'";

    assertThat(bash("exec 200</dev/null; '" + GUARD + "' " + command)).isEqualTo("32\n/dev/null\n");
  }

  private static String bash(String script) throws IOException {
    Process process = new ProcessBuilder("bash", "-c", script).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
