package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shows that a table [budgets.NAME] limits one budget alone. */
class BudgetTableTest {
  private static final String TABLE = "[budgets.build]";
  private static final String TIMEOUT = "timeout_seconds = 100";
  private static final String CLAUDEX = "[features.process_protection]";

  @TempDir Path folder;
  private SettingsScene scene;

  @BeforeEach
  void inTheBudget() {
    scene = new SettingsScene(folder).variable("GUARD_BUDGET", "build");
  }

  @ParameterizedTest
  @CsvSource({
    "max_processes, 7",
    "rate_limit_per_second, 9",
    "timeout_seconds, 0.25",
    "kill_after_seconds, 1.5",
    "pids_max, 77",
    "open_files, 99",
    "memory_max, 4096",
    "cpu_max, 2.5"
  })
  void everyLimitHoldsInPlaceOfTheOneOfAllBudgets(String key, String value) throws ConfigException {
    Setting s = Setting.find("limits", key).orElseThrow();
    scene.file(SettingsScene.USER, "[limits]", key + " = 1", TABLE, key + " = " + value);
    assertThat(scene.show(s)).isEqualTo(value + " from " + SettingsScene.USER + ":4");
  }

  @Test
  void holdsInItsBudgetAlone() throws ConfigException {
    scene.file(SettingsScene.USER, TABLE, TIMEOUT).flag(Setting.BUDGET, "other");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("300 from built-in");
  }

  @Test
  void theBudgetMayBeNamedAnywhere() throws ConfigException {
    SettingsScene plain = new SettingsScene(folder).file(SettingsScene.SYSTEM, TABLE, TIMEOUT);
    plain.file(SettingsScene.USER, "budget.name = 'build'");
    assertThat(plain.show(Setting.TIMEOUT)).isEqualTo("100 from " + SettingsScene.SYSTEM + ":2");
    plain.file(SettingsScene.USER, "").flag(Setting.BUDGET, "build");
    assertThat(plain.show(Setting.TIMEOUT)).isEqualTo("100 from " + SettingsScene.SYSTEM + ":2");
  }

  @Test
  void winsOverTheLimitsOfLaterFiles() throws ConfigException {
    scene
        .file(SettingsScene.SYSTEM, TABLE, TIMEOUT)
        .file(SettingsScene.USER, "limits.timeout_seconds = 50");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("100 from " + SettingsScene.SYSTEM + ":2");
  }

  @Test
  void ofTwoFilesTheLaterWins() throws ConfigException {
    scene.file(SettingsScene.SYSTEM, TABLE, TIMEOUT, "cpu_max = 1");
    scene.file(SettingsScene.USER, TABLE, "timeout_seconds = 101");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("101 from " + SettingsScene.USER + ":2");
    assertThat(scene.show(Setting.CPU_MAX)).isEqualTo("1 from " + SettingsScene.SYSTEM + ":3");
  }

  @Test
  void winsOverClaudexsFiles() throws ConfigException {
    scene
        .file(SettingsScene.SYSTEM, TABLE, TIMEOUT)
        .file(SettingsScene.HOME_CLAUDEX, CLAUDEX, "timeout_seconds=5");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("100 from " + SettingsScene.SYSTEM + ":2");
  }

  @Test
  void variablesAndFlagsWinOverIt() throws ConfigException {
    scene.file(SettingsScene.USER, TABLE, TIMEOUT).variable("CLAUDEX_TIMEOUT", "200");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("200 from CLAUDEX_TIMEOUT");
    scene.variable("GUARD_TIMEOUT", "201");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("201 from GUARD_TIMEOUT");
    scene.flag(Setting.TIMEOUT, "202");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("202 from --timeout");
  }

  @Test
  void holdsInANamedFileAndNotBesideIt() throws ConfigException {
    scene
        .file(SettingsScene.SYSTEM, TABLE, TIMEOUT, "cpu_max = 1")
        .config(scene.path("/named.toml"));
    scene.file("/named.toml", TABLE, "timeout_seconds = 101");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("101 from /named.toml:2");
    assertThat(scene.show(Setting.CPU_MAX)).isEqualTo("0 from built-in");
  }

  @ParameterizedTest
  @CsvSource({"100, 99, 99", "100, 101, 100", "0, 200, 200", "100, 300, 100"})
  void ofTheProjectsValueAndItsOwnTheStricterHolds(String own, String project, String inForce)
      throws ConfigException {
    scene.file(SettingsScene.USER, TABLE, "timeout_seconds = " + own);
    scene.file(SettingsScene.PROJECT, "limits.timeout_seconds = " + project);
    assertThat(scene.settings().timeout().orElseThrow()).hasSeconds(Long.parseLong(inForce));
    scene.file(SettingsScene.PROJECT, "");
    scene.file(SettingsScene.PROJECT_CLAUDEX, CLAUDEX, "timeout_seconds = " + project);
    assertThat(scene.settings().timeout().orElseThrow()).hasSeconds(Long.parseLong(inForce));
  }

  /** So whether a project's file is right does not hang on the budget. */
  @Test
  void aProjectIsComparedWithTheLimitsOfAllBudgets() throws ConfigException {
    SettingsScene named = new SettingsScene(folder);
    named.file(SettingsScene.USER, "budget.name = 'build'", TABLE, "timeout_seconds = 1000");
    named.file(SettingsScene.PROJECT, "limits.timeout_seconds = 301");
    assertThat(named.notices())
        .singleElement()
        .asString()
        .contains("limits.timeout_seconds = 301, looser than 300 (built-in); ");
    assertThat(named.settings().timeout().orElseThrow()).hasSeconds(1000);
  }

  @Test
  void tasksFollowItsProcesses() throws ConfigException {
    scene.file(SettingsScene.USER, TABLE, "max_processes = 3");
    assertThat(scene.show(Setting.PIDS_MAX)).isEqualTo("96 from built-in, 32 x max_processes");
    scene.file(SettingsScene.HOME_CLAUDEX, CLAUDEX, "timeout_seconds = 5");
    assertThat(scene.settings().pidsMax()).as("under Guard's name").hasValue(96);
    scene.file(SettingsScene.USER, "limits.pids_max = 7", TABLE, "max_processes = 3");
    assertThat(scene.settings().pidsMax()).hasValue(7);
  }

  @Test
  void aProjectsProcessesDoNotRaiseTheTasksOfTheBudget() throws ConfigException {
    scene.file(SettingsScene.USER, "limits.max_processes = 100000", TABLE, "max_processes = 0");
    int before = scene.settings().pidsMax().orElseThrow();
    scene.file(SettingsScene.PROJECT, "limits.max_processes = 90000");
    assertThat(scene.settings().maxProcesses()).hasValue(90000);
    assertThat(scene.settings().pidsMax()).hasValue(before);
  }

  @Test
  void theCeilingBindsTheTablesOfAllBudgets() {
    scene.file(SettingsScene.SYSTEM, "[ceiling]", "timeout_seconds = 90", TABLE, TIMEOUT);
    scene.file(
        SettingsScene.USER, "[budgets.other]", "timeout_seconds = 0", "[budgets.x]", TIMEOUT);
    String over = " is over the ceiling of 90 (" + SettingsScene.SYSTEM + ":2); lower it";
    assertThat(scene.problems())
        .containsExactly(
            SettingsScene.SYSTEM + ":4: budgets.build.timeout_seconds: 100" + over,
            SettingsScene.USER + ":2: budgets.other.timeout_seconds: 0" + over,
            SettingsScene.USER + ":4: budgets.x.timeout_seconds: 100" + over);
  }

  @Test
  void everyProblemIsToldAtOnce() {
    scene.file(SettingsScene.SYSTEM, "budgets = 1");
    scene.file(
        SettingsScene.USER,
        "[budgets]",
        "timeout_seconds = 5",
        "[budgets.'a/b']",
        "[budgets.b]",
        "timout_seconds = 1",
        "open_files = 'x'",
        "name = 'y'",
        "user_max_processes = 1");
    assertThat(scene.problems())
        .containsExactlyInAnyOrder(
            SettingsScene.SYSTEM + ":1: budgets: must be a table; write [budgets.NAME]",
            SettingsScene.USER
                + ":2: budgets.timeout_seconds: must be a table; write [budgets.NAME]",
            SettingsScene.USER
                + ":3: budgets.a/b: must be "
                + Setting.BUDGET.takes()
                + ", not \"a/b\"",
            SettingsScene.USER
                + ":5: budgets.b.timout_seconds: unknown key; did you mean timeout_seconds?",
            SettingsScene.USER
                + ":6: budgets.b.open_files: must be a whole number from 0 to 1073741816, not \"x\"",
            SettingsScene.USER
                + ":7: budgets.b.name: unknown key; remove it. Known here: max_processes,"
                + " rate_limit_per_second, timeout_seconds, kill_after_seconds, pids_max,"
                + " open_files, memory_max, memory_oom, cpu_max, cpu_time_seconds",
            SettingsScene.USER
                + ":8: budgets.b.user_max_processes: holds for all budgets together; move it to"
                + " [limits]");
  }

  @Test
  void aProjectMayHaveNone() throws ConfigException {
    SettingsScene project = new SettingsScene(folder);
    project.file(SettingsScene.PROJECT, "[budgets.default]", "open_files = 1", "[budgets.c]");
    assertThat(project.notices())
        .containsExactlyInAnyOrder(notAProjects("default", 1), notAProjects("c", 3));
    assertThat(project.settings()).isEqualTo(GuardConfig.defaults());
  }

  private static String notAProjects(String budget, int line) {
    return SettingsScene.PROJECT
        + ":"
        + line
        + ": not taken: budgets."
        + budget
        + ": a project's file may not have it; set it in a file of your own";
  }
}
