package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A profile is a named set of settings: its tables are laid over those for all. */
class ProfileTest {
  private static final String TABLE = "[profiles.slow.limits]";
  private static final String TIMEOUT = "timeout_seconds = 100";

  @TempDir Path folder;
  private SettingsScene scene;

  @BeforeEach
  void makeScene() {
    scene = new SettingsScene(folder);
  }

  private void slow(String... lines) {
    scene.file(SettingsScene.USER, lines).variable("GUARD_PROFILE", "slow");
  }

  @Test
  void holdsWhereItIsNamed() throws ConfigException {
    slow(
        TABLE,
        TIMEOUT,
        "[profiles.slow.messages]",
        "level = 'all'",
        "[limits]",
        "timeout_seconds = 50");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("100 from " + SettingsScene.USER + ":2");
    assertThat(scene.show(Setting.MESSAGES)).isEqualTo("all from " + SettingsScene.USER + ":4");
    assertThat(scene.show(Setting.KILL_AFTER)).isEqualTo("5 from built-in");
  }

  @Test
  void isNothingWhereItIsNotNamed() throws ConfigException {
    scene.file(SettingsScene.USER, TABLE, TIMEOUT);
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("300 from built-in");
  }

  @Test
  void theFlagWinsOverTheVariableAndThatOverTheFile() throws ConfigException {
    String other = "[profiles.other.limits]";
    scene.file(
        SettingsScene.USER, "profile.name = 'slow'", TABLE, TIMEOUT, other, "timeout_seconds = 7");
    assertThat(scene.show(Setting.TIMEOUT)).startsWith("100 from");
    scene.variable("GUARD_PROFILE", "other");
    assertThat(scene.show(Setting.TIMEOUT)).startsWith("7 from");
    scene.flag(Setting.PROFILE, "none");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("300 from built-in");
  }

  @Test
  void variablesFlagsAndTheTableOfTheBudgetWinOverIt() throws ConfigException {
    slow(TABLE, TIMEOUT, "pids_max = 5", "cpu_max = 2", "[budgets.b]", "cpu_max = 3");
    scene.variable("GUARD_TIMEOUT", "8").flag(Setting.PIDS_MAX, "9").flag(Setting.BUDGET, "b");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("8 from GUARD_TIMEOUT");
    assertThat(scene.show(Setting.PIDS_MAX)).isEqualTo("9 from --pids-max");
    assertThat(scene.show(Setting.CPU_MAX)).startsWith("3 from");
  }

  @Test
  void itsBudgetIsTheOneInForce() throws ConfigException {
    slow("[profiles.slow.budget]", "name = 'b'", "[budgets.b]", "cpu_max = 3");
    assertThat(scene.show(Setting.CPU_MAX)).startsWith("3 from");
  }

  @ParameterizedTest
  @CsvSource({
    "TIMEOUT, 7200",
    "MAX_PROCESSES, 512",
    "PIDS_MAX, 4096",
    "USER_MAX_PROCESSES, 4096",
    "RATE_LIMIT, 50"
  })
  void thatOfAgentsNeedsNoFileAndGivesWayToOne(Setting s, String value) throws ConfigException {
    scene.flag(Setting.PROFILE, "agent");
    assertThat(scene.show(s)).isEqualTo(value + " from built-in, profile agent");
    scene.file(SettingsScene.USER, "limits." + s.key() + " = 3");
    assertThat(scene.show(s)).isEqualTo("3 from " + SettingsScene.USER + ":1");
    scene.file(
        SettingsScene.USER,
        "limits." + s.key() + " = 3",
        "profiles.agent.limits." + s.key() + " = 4");
    assertThat(scene.show(s)).isEqualTo("4 from " + SettingsScene.USER + ":2");
  }

  @Test
  void aProjectTightensWhatItSays() throws ConfigException {
    slow(TABLE, TIMEOUT);
    scene.file(SettingsScene.PROJECT, "limits.timeout_seconds = 60");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("60 from " + SettingsScene.PROJECT + ":1");
    scene.file(SettingsScene.PROJECT, "limits.timeout_seconds = 200");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("100 from " + SettingsScene.USER + ":2");
  }

  @Test
  void aProjectNeitherHasOneNorNamesOne() throws ConfigException {
    scene.file(SettingsScene.USER, TABLE, "timeout_seconds = 1000");
    scene.file(SettingsScene.PROJECT, "profile.name = 'slow'", TABLE, "timeout_seconds = 1");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("300 from built-in");
    assertThat(scene.show(Setting.PROFILE)).isEqualTo("none from built-in");
  }

  @Test
  void theCeilingBindsIt() {
    scene.file(SettingsScene.SYSTEM, "ceiling.timeout_seconds = 60");
    scene.file(SettingsScene.USER, TABLE, TIMEOUT);
    assertThat(scene.problems())
        .containsExactly(
            SettingsScene.USER
                + ":2: profiles.slow.limits.timeout_seconds: 100 is over the ceiling of 60 ("
                + SettingsScene.SYSTEM
                + ":1); lower it");
  }

  @Test
  void theCeilingLowersThatOfAgents() throws ConfigException {
    scene.file(SettingsScene.SYSTEM, "ceiling.timeout_seconds = 60").flag(Setting.PROFILE, "agent");
    assertThat(scene.show(Setting.TIMEOUT)).startsWith("60 from ceiling at ");
  }

  @Test
  void oneThatNobodyHasIsAProblem() {
    slow("[profiles.fast.limits]", TIMEOUT);
    assertThat(scene.problems())
        .containsExactly(
            "GUARD_PROFILE: no file has a profile of this name; name one of: agent, fast, or none");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "profiles = 1",
        "profiles.slow = 1",
        "profiles.none.limits.pids_max = 1",
        "profiles.'a b'.limits.pids_max = 1",
        "profiles.slow.limit.pids_max = 1",
        "profiles.slow.limits = 1",
        "profiles.slow.limits.pid_max = 1",
        "profiles.slow.limits.pids_max = 'x'",
        "profiles.slow.profile.name = 'agent'",
        "profiles.slow.shell.when_unavailable = 'run'"
      })
  void whatIsWrongInOneIsAProblemAlsoWhereItIsNotNamed(String line) {
    assertThat(scene.file(SettingsScene.SYSTEM, line).problems())
        .singleElement()
        .asString()
        .startsWith(SettingsScene.SYSTEM + ":1: profiles");
  }
}
