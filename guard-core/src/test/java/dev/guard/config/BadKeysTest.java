package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows that each problem in a file says where it is, what is wrong, and what to do. */
class BadKeysTest {
  private static final String AT = SettingsScene.USER + ":2: ";
  private static final String LIMITS =
      "max_processes, user_max_processes, rate_limit_per_second, timeout_seconds, kill_after_seconds, pids_max, open_files, memory_max, memory_oom, cpu_max, cpu_time_seconds";

  @TempDir Path folder;
  private SettingsScene scene;

  @BeforeEach
  void emptyScene() {
    scene = new SettingsScene(folder);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "limits.colour = 1 | limits.colour: unknown key; remove it. Known here: " + LIMITS,
        "limits.timout_seconds = 1 | limits.timout_seconds: unknown key; did you mean timeout_seconds?",
        "budget = { nme = 1 } | budget.nme: unknown key; did you mean name?",
        "colour = 1 | colour: unknown table; remove it. Known here: limits, budget, leftovers, containment, gateway, messages, profile, shell, budgets, profiles, ceiling",
        "limit.open_files = 1 | limit: unknown table; did you mean limits?",
        "open_files = 1 | open_files: belongs in the table [limits]; move it there",
        "limits = 1 | limits: must be a table; write [limits]",
        "[[budget]] | budget: must be a table; write [budget]",
        "ceiling = 1 | ceiling: must be a table; write [ceiling]",
        "features = 1 | features: must be a table; write [features]",
        "features.x = 1 | features.x: unknown key; write [features.process_protection] or remove it",
        "features.process_protection = 1 | features.process_protection: must be a table; write [features.process_protection] or remove it",
        "features.process_protection.x = 1 | features.process_protection.x: unknown key; remove it. Known here: max_processes, rate_limit_per_second, timeout_seconds",
        "ceiling.open_files = 1 | ceiling.open_files: a ceiling can only be set in /etc/guard/config.toml; remove it here",
        "shell.when_unavailable = 'run' | shell.when_unavailable: can only be set in /etc/guard/config.toml, or by GUARD_SHELL_UNAVAILABLE; remove it here"
      })
  void unknownAndMisplaced(String line, String problem) {
    assertThat(scene.file(SettingsScene.USER, "", line).problems()).containsExactly(AT + problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"8\" | \"8\"",
        "true | true",
        "[1] | a list of something else",
        "{ x = 1 } | a table",
        "1979-05-27 | 1979-05-27"
      })
  void wrongType(String toml, String shown) {
    scene.file(SettingsScene.USER, "", "limits.open_files = " + toml);
    assertThat(scene.problems())
        .containsExactly(
            AT + "limits.open_files: must be a whole number from 0 to 1073741816, not " + shown);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "1.5", "1e3", "2147483648", "nan", "inf", "-inf"})
  void notACount(String toml) {
    assertOneProblem("limits.pids_max", toml, "a whole number from 0 to 4194304");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "-0.1", "nan", "inf", "-inf", "1e300", "315360001", "'5'"})
  void notATime(String toml) {
    assertOneProblem("limits.timeout_seconds", toml, Setting.TIMEOUT.takes());
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "1.5", "'1X'", "'200%'", "1152921504606846977"})
  void notASize(String toml) {
    assertOneProblem("limits.memory_max", toml, Setting.MEMORY_MAX.takes());
  }

  @ParameterizedTest
  @ValueSource(strings = {"'pids'", "['pid']", "[1]", "[['pids']]"})
  void notAListOfLayers(String toml) {
    assertOneProblem("containment.require", toml, Setting.REQUIRE.takes());
  }

  @Test
  void tooLargeForToml() {
    scene.file(SettingsScene.USER, "", "limits.pids_max = 99999999999999999999");
    assertThat(scene.problems())
        .containsExactly(AT + "invalid TOML: Integer is too large; correct it");
  }

  @Test
  void badCeilings() {
    scene.file(SettingsScene.SYSTEM, "[ceiling]", "name = 1", "open_file = 1", "open_files = -1");
    assertThat(scene.problems())
        .containsExactly(
            SettingsScene.SYSTEM
                + ":2: ceiling.name: unknown key; remove it. Known here: "
                // What ends at a limit is no amount.
                + LIMITS.replace("memory_oom, ", ""),
            SettingsScene.SYSTEM + ":3: ceiling.open_file: unknown key; did you mean open_files?",
            SettingsScene.SYSTEM
                + ":4: ceiling.open_files: must be a whole number from 0 to 1073741816, not -1");
  }

  private void assertOneProblem(String path, String toml, String takes) {
    scene.file(SettingsScene.USER, "", path + " = " + toml);
    assertThat(scene.problems())
        .singleElement()
        .asString()
        .startsWith(AT + path + ": must be " + takes + ", not ");
  }
}
