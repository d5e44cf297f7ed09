package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.cli.ConfigFixture.ScriptOutput;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls {@code guard exec} with bad settings: exit 125, every line on stderr, nothing run. */
class BadSettingsIT {
  private static final String SECONDS = "must be a number of seconds from 0 to 315360000";

  @TempDir Path folder;

  @Test
  void everyLineAndNothingRun() throws Exception {
    ConfigFixture scene = new ConfigFixture(folder.toRealPath());
    String user = scene.folder() + "/" + ConfigFixture.USER_FILE;
    String project = scene.folder() + "/.guard/config.toml";
    scene.file(ConfigFixture.USER_FILE, "[limits]", "timeout_seconds = \"1\"", "pid_max = 1");
    scene.file(
        ".guard/config.toml", "[limits]", "open_files = 0", "", "rate_limit_per_second = ", "");
    ScriptOutput run =
        scene.run(
            "guard exec --cpu-max nan --kill-after -1 -- touch ran",
            "GUARD_TIMEOUT",
            "s3cret!",
            "GUARD_TIMOUT",
            "1");
    assertThat(run.errors())
        .containsExactly(
            "guard: " + user + ":2: limits.timeout_seconds: " + SECONDS + ", not \"1\"",
            "guard: " + user + ":3: limits.pid_max: unknown key; did you mean pids_max?",
            "guard: "
                + project
                + ":4: invalid TOML: Unexpected end of line, expected a value; correct it",
            "guard: GUARD_TIMEOUT: " + SECONDS + ", and is not; correct or unset it",
            "guard: GUARD_TIMOUT: unknown variable; did you mean GUARD_TIMEOUT? Unset or rename it",
            "guard: --kill-after: " + SECONDS + ", not \"-1\"",
            "guard: --cpu-max: must be a number of cores from 0 to 8192, with at most 9 decimal places, not \"nan\"");
    assertRefused(scene, run);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--config missing.toml",
        "--config .",
        "--config loop",
        "--config fifo",
        "--timeout ''",
        "--timeout=NaN",
        "--pids-max 99999999999999999999",
        "--memory-max 200%",
        "--require pids,nope",
        "--budget ../x",
        "--gateway require",
        "--timeuot 5",
        "--timeout"
      })
  void oneAtATime(String options) throws Exception {
    ConfigFixture scene = new ConfigFixture(folder.toRealPath());
    String run = "guard exec " + options + " -- touch ran";
    ScriptOutput result = scene.run("mkfifo fifo && ln -s loop loop && " + run);
    assertThat(result.errors()).isNotEmpty().allMatch(l -> l.startsWith("guard: "));
    assertRefused(scene, result);
  }

  @Test
  void theGatewayThatIsMissingIsRequiredSomewhere() throws Exception {
    ConfigFixture scene =
        new ConfigFixture(folder.toRealPath()).file("x.toml", "", "gateway.mode = \"require\"");
    // The variable of all tests would win over the file.
    ScriptOutput result = scene.run("unset GUARD_GATEWAY; guard exec --config x.toml -- touch ran");
    assertThat(result.errors())
        .containsExactly(
            "guard: x.toml:2: gateway.mode: no gateway serves this call; start one by guard gateway run, or set auto or off");
    assertRefused(scene, result);
  }

  private static void assertRefused(ConfigFixture scene, ScriptOutput run) {
    assertThat(run.status()).isEqualTo(125);
    assertThat(run.output()).isEmpty();
    assertThat(scene.folder().resolve("ran")).doesNotExist();
  }
}
