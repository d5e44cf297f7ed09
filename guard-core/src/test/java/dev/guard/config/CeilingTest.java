package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows that [ceiling] in the system's file binds everything below it. */
class CeilingTest {
  private static final String CEILING = SettingsScene.SYSTEM + ":2";

  @TempDir Path folder;
  private SettingsScene scene;

  @BeforeEach
  void ceiling() {
    scene =
        new SettingsScene(folder).file(SettingsScene.SYSTEM, "[ceiling]", "timeout_seconds = 100");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "max_processes",
        "user_max_processes",
        "rate_limit_per_second",
        "timeout_seconds",
        "kill_after_seconds",
        "pids_max",
        "open_files",
        "memory_max",
        "cpu_max"
      })
  void lowersEveryDefault(String key) throws ConfigException {
    Setting s = Setting.find("limits", key).orElseThrow();
    scene.file(SettingsScene.SYSTEM, "[ceiling]", key + " = 1");
    assertThat(scene.show(s)).isEqualTo("1 from ceiling at " + CEILING);
  }

  @Test
  void leavesALowerDefaultAlone() throws ConfigException {
    scene.file(SettingsScene.SYSTEM, "[ceiling]", "timeout_seconds = 1000");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("300 from built-in");
  }

  @Test
  void tasksFollowTheLoweredProcesses() throws ConfigException {
    scene.file(SettingsScene.SYSTEM, "[ceiling]", "max_processes = 2");
    assertThat(scene.settings().pidsMax()).hasValue(64);
  }

  @Test
  void upToTheCeilingIsAllowed() throws ConfigException {
    assertThat(scene.flag(Setting.TIMEOUT, "100").show(Setting.TIMEOUT))
        .isEqualTo("100 from --timeout");
  }

  @Test
  void bindsEveryPlaceAndNamesThemAllAtOnce() {
    scene.file(
        SettingsScene.SYSTEM,
        "[ceiling]",
        "timeout_seconds = 100",
        "[limits]",
        "timeout_seconds = 101");
    scene.file(SettingsScene.USER, "limits.timeout_seconds = 102");
    scene.variable("GUARD_TIMEOUT", "103").flag(Setting.TIMEOUT, "104");
    assertThat(scene.problems())
        .containsExactly(
            over(SettingsScene.SYSTEM + ":4", "101"),
            over(SettingsScene.USER + ":1", "102"),
            over("GUARD_TIMEOUT", "its value"),
            over("--timeout", "104"));
  }

  @Test
  void bindsClaudexsNames() {
    scene.variable("CLAUDEX_TIMEOUT", "105");
    assertThat(scene.problems()).containsExactly(over("CLAUDEX_TIMEOUT", "its value"));
    scene.variable("GUARD_TIMEOUT", "99");
    assertThat(scene)
        .as("what GUARD_ overrules")
        .satisfies(s -> assertThat(s.settings().timeout()).isPresent());
  }

  @Test
  void bindsANamedFile() {
    scene.file("/named.toml", "limits.timeout_seconds = 106").config(scene.path("/named.toml"));
    assertThat(scene.problems()).containsExactly(over("/named.toml:1", "106"));
  }

  @Test
  void zeroIsOverAnyCeiling() {
    scene.flag(Setting.TIMEOUT, "0");
    assertThat(scene.problems()).containsExactly(over("--timeout", "0"));
  }

  @Test
  void zeroSecondsOfGraceAreUnderAnyCeiling() throws ConfigException {
    scene
        .file(SettingsScene.SYSTEM, "[ceiling]", "kill_after_seconds = 3")
        .flag(Setting.KILL_AFTER, "0");
    assertThat(scene.settings().killAfter()).isZero();
  }

  @Test
  void aCeilingOfZeroIsNone() throws ConfigException {
    scene.file(SettingsScene.SYSTEM, "[ceiling]", "timeout_seconds = 0").flag(Setting.TIMEOUT, "0");
    assertThat(scene.settings().timeout()).isEmpty();
  }

  @Test
  void aNamedFilesCeilingCanNotRaiseTheSystems() throws ConfigException {
    scene
        .file("/named.toml", "[ceiling]", "timeout_seconds = 200")
        .config(scene.path("/named.toml"));
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("100 from ceiling at " + CEILING);
    scene.file("/named.toml", "[ceiling]", "timeout_seconds = 0");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("100 from ceiling at " + CEILING);
    scene.file("/named.toml", "[ceiling]", "timeout_seconds = 50");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("50 from ceiling at /named.toml:2");
  }

  private static String over(String where, String value) {
    return where
        + ": limits.timeout_seconds: "
        + value
        + " is over the ceiling of 100 ("
        + CEILING
        + "); lower it";
  }
}
