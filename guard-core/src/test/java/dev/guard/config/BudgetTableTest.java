package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** [budgets.NAME]: limits of one budget alone. */
class BudgetTableTest {
  private static final String TABLE = "[budgets.build]";
  private static final String TIMEOUT = "timeout_seconds = 100";
  private static final String CLAUDEX = "[features.process_protection]";

  @TempDir Path folder;
  private Scene scene;

  @BeforeEach
  void inTheBudget() {
    scene = new Scene(folder).variable("GUARD_BUDGET", "build");
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
    scene.file(Scene.USER, "[limits]", key + " = 1", TABLE, key + " = " + value);
    assertThat(scene.show(s)).isEqualTo(value + " from " + Scene.USER + ":4");
  }

  @Test
  void holdsInItsBudgetAlone() throws ConfigException {
    scene.file(Scene.USER, TABLE, TIMEOUT).flag(Setting.BUDGET, "other");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("300 from built-in");
  }

  @Test
  void theBudgetMayBeNamedAnywhere() throws ConfigException {
    Scene plain = new Scene(folder).file(Scene.SYSTEM, TABLE, TIMEOUT);
    plain.file(Scene.USER, "budget.name = 'build'");
    assertThat(plain.show(Setting.TIMEOUT)).isEqualTo("100 from " + Scene.SYSTEM + ":2");
    plain.file(Scene.USER, "").flag(Setting.BUDGET, "build");
    assertThat(plain.show(Setting.TIMEOUT)).isEqualTo("100 from " + Scene.SYSTEM + ":2");
  }

  @Test
  void winsOverTheLimitsOfLaterFiles() throws ConfigException {
    scene.file(Scene.SYSTEM, TABLE, TIMEOUT).file(Scene.USER, "limits.timeout_seconds = 50");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("100 from " + Scene.SYSTEM + ":2");
  }

  @Test
  void ofTwoFilesTheLaterWins() throws ConfigException {
    scene.file(Scene.SYSTEM, TABLE, TIMEOUT, "cpu_max = 1");
    scene.file(Scene.USER, TABLE, "timeout_seconds = 101");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("101 from " + Scene.USER + ":2");
    assertThat(scene.show(Setting.CPU_MAX)).isEqualTo("1 from " + Scene.SYSTEM + ":3");
  }

  @Test
  void winsOverClaudexsFiles() throws ConfigException {
    scene.file(Scene.SYSTEM, TABLE, TIMEOUT).file(Scene.HOME_CLAUDEX, CLAUDEX, "timeout_seconds=5");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("100 from " + Scene.SYSTEM + ":2");
  }

  @Test
  void variablesAndFlagsWinOverIt() throws ConfigException {
    scene.file(Scene.USER, TABLE, TIMEOUT).variable("CLAUDEX_TIMEOUT", "200");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("200 from CLAUDEX_TIMEOUT");
    scene.variable("GUARD_TIMEOUT", "201");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("201 from GUARD_TIMEOUT");
    scene.flag(Setting.TIMEOUT, "202");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("202 from --timeout");
  }

  @Test
  void holdsInANamedFileAndNotBesideIt() throws ConfigException {
    scene.file(Scene.SYSTEM, TABLE, TIMEOUT, "cpu_max = 1").config(scene.path("/named.toml"));
    scene.file("/named.toml", TABLE, "timeout_seconds = 101");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("101 from /named.toml:2");
    assertThat(scene.show(Setting.CPU_MAX)).isEqualTo("0 from built-in");
  }

  @ParameterizedTest
  @CsvSource({"100, 99, 99", "100, 101, 100", "0, 200, 200", "100, 300, 100"})
  void ofTheProjectsValueAndItsOwnTheStricterHolds(String own, String project, String inForce)
      throws ConfigException {
    scene.file(Scene.USER, TABLE, "timeout_seconds = " + own);
    scene.file(Scene.PROJECT, "limits.timeout_seconds = " + project);
    assertThat(scene.settings().timeout().orElseThrow()).hasSeconds(Long.parseLong(inForce));
    scene.file(Scene.PROJECT, "");
    scene.file(Scene.PROJECT_CLAUDEX, CLAUDEX, "timeout_seconds = " + project);
    assertThat(scene.settings().timeout().orElseThrow()).hasSeconds(Long.parseLong(inForce));
  }

  /** So whether a project's file is right does not hang on the budget. */
  @Test
  void aProjectIsComparedWithTheLimitsOfAllBudgets() throws ConfigException {
    Scene named = new Scene(folder);
    named.file(Scene.USER, "budget.name = 'build'", TABLE, "timeout_seconds = 1000");
    named.file(Scene.PROJECT, "limits.timeout_seconds = 301");
    assertThat(named.notices())
        .singleElement()
        .asString()
        .contains("limits.timeout_seconds = 301, looser than 300 (built-in); ");
    assertThat(named.settings().timeout().orElseThrow()).hasSeconds(1000);
  }

  @Test
  void tasksFollowItsProcesses() throws ConfigException {
    scene.file(Scene.USER, TABLE, "max_processes = 3");
    assertThat(scene.show(Setting.PIDS_MAX)).isEqualTo("96 from built-in, 32 x max_processes");
    scene.file(Scene.HOME_CLAUDEX, CLAUDEX, "timeout_seconds = 5");
    assertThat(scene.settings().pidsMax()).as("under Guard's name").hasValue(96);
    scene.file(Scene.USER, "limits.pids_max = 7", TABLE, "max_processes = 3");
    assertThat(scene.settings().pidsMax()).hasValue(7);
  }

  @Test
  void aProjectsProcessesDoNotRaiseTheTasksOfTheBudget() throws ConfigException {
    scene.file(Scene.USER, "limits.max_processes = 100000", TABLE, "max_processes = 0");
    int before = scene.settings().pidsMax().orElseThrow();
    scene.file(Scene.PROJECT, "limits.max_processes = 90000");
    assertThat(scene.settings().maxProcesses()).hasValue(90000);
    assertThat(scene.settings().pidsMax()).hasValue(before);
  }

  @Test
  void theCeilingBindsTheTablesOfAllBudgets() {
    scene.file(Scene.SYSTEM, "[ceiling]", "timeout_seconds = 90", TABLE, TIMEOUT);
    scene.file(Scene.USER, "[budgets.other]", "timeout_seconds = 0", "[budgets.x]", TIMEOUT);
    String over = " is over the ceiling of 90 (" + Scene.SYSTEM + ":2); lower it";
    assertThat(scene.problems())
        .containsExactly(
            Scene.SYSTEM + ":4: budgets.build.timeout_seconds: 100" + over,
            Scene.USER + ":2: budgets.other.timeout_seconds: 0" + over,
            Scene.USER + ":4: budgets.x.timeout_seconds: 100" + over);
  }

  @Test
  void everyProblemIsToldAtOnce() {
    scene.file(Scene.SYSTEM, "budgets = 1");
    scene.file(
        Scene.USER,
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
            Scene.SYSTEM + ":1: budgets: must be a table; write [budgets.NAME]",
            Scene.USER + ":2: budgets.timeout_seconds: must be a table; write [budgets.NAME]",
            Scene.USER + ":3: budgets.a/b: must be " + Setting.BUDGET.takes() + ", not \"a/b\"",
            Scene.USER + ":5: budgets.b.timout_seconds: unknown key; did you mean timeout_seconds?",
            Scene.USER
                + ":6: budgets.b.open_files: must be a whole number from 0 to 1073741816, not \"x\"",
            Scene.USER
                + ":7: budgets.b.name: unknown key; remove it. Known here: max_processes,"
                + " rate_limit_per_second, timeout_seconds, kill_after_seconds, pids_max,"
                + " open_files, memory_max, cpu_max, cpu_time_seconds",
            Scene.USER
                + ":8: budgets.b.user_max_processes: holds for all budgets together; move it to"
                + " [limits]");
  }

  @Test
  void aProjectMayHaveNone() throws ConfigException {
    Scene project = new Scene(folder);
    project.file(Scene.PROJECT, "[budgets.default]", "open_files = 1", "[budgets.c]");
    assertThat(project.notices())
        .containsExactlyInAnyOrder(notAProjects("default", 1), notAProjects("c", 3));
    assertThat(project.settings()).isEqualTo(GuardConfig.defaults());
  }

  private static String notAProjects(String budget, int line) {
    return Scene.PROJECT
        + ":"
        + line
        + ": not taken: budgets."
        + budget
        + ": a project's file may not have it; set it in a file of your own";
  }
}
