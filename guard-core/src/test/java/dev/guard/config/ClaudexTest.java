package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows that claudex's names have the meaning that they have there. */
class ClaudexTest {
  private static final String TABLE = "[features.process_protection]";
  private static final String READ_IT =
      "; to have its values, read it, then: guard trust /home/project";

  @TempDir Path folder;
  private SettingsScene scene;

  @BeforeEach
  void emptyScene() {
    scene = new SettingsScene(folder);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        SettingsScene.SYSTEM,
        SettingsScene.USER,
        SettingsScene.PROJECT,
        SettingsScene.HOME_CLAUDEX,
        SettingsScene.PROJECT_CLAUDEX
      })
  void itsTableIsReadInEveryFile(String file) throws ConfigException {
    scene.file(
        file, TABLE, "max_processes = 3", "rate_limit_per_second = 4", "timeout_seconds = 5.5");
    assertThat(scene.show(Setting.MAX_PROCESSES)).isEqualTo("3 from " + file + ":2");
    assertThat(scene.show(Setting.RATE_LIMIT)).isEqualTo("4 from " + file + ":3");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("5.5 from " + file + ":4");
    assertThat(scene.show(Setting.PIDS_MAX)).isEqualTo("3 from " + file + ":2, as claudex has it");
  }

  @Test
  void itsVariablesAreRead() throws ConfigException {
    scene.file(SettingsScene.HOME_CLAUDEX, TABLE, "timeout_seconds = 1");
    scene.variable("CLAUDEX_MAX_PROCESSES", "3");
    scene.variable("CLAUDEX_RATE_LIMIT", "4").variable("CLAUDEX_TIMEOUT", "5");
    assertThat(scene.show(Setting.MAX_PROCESSES)).isEqualTo("3 from CLAUDEX_MAX_PROCESSES");
    assertThat(scene.show(Setting.RATE_LIMIT)).isEqualTo("4 from CLAUDEX_RATE_LIMIT");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("5 from CLAUDEX_TIMEOUT");
    assertThat(scene.settings().pidsMax()).hasValue(3);
  }

  /** With 2 x cores as the limit of tasks, which it is there, no JVM starts. */
  @ParameterizedTest
  @ValueSource(strings = {"CLAUDEX_TIMEOUT", "CLAUDEX_RATE_LIMIT"})
  void onlyItsProcessesChangeProcesses(String variable) throws ConfigException {
    GuardConfig defaults = GuardConfig.defaults();
    scene.variable(variable, "3");
    assertThat(scene.settings().maxProcesses()).isEqualTo(defaults.maxProcesses());
    assertThat(scene.settings().pidsMax()).isEqualTo(defaults.pidsMax());
    scene.file(
        SettingsScene.HOME_CLAUDEX, TABLE, "timeout_seconds = 1", "rate_limit_per_second = 1");
    assertThat(scene.settings().pidsMax()).isEqualTo(defaults.pidsMax());
  }

  @Test
  void guardsNamesWinFromAnyPlace() throws ConfigException {
    scene.file(SettingsScene.SYSTEM, "limits.timeout_seconds = 90", "limits.max_processes = 50");
    scene.variable("CLAUDEX_TIMEOUT", "60").variable("CLAUDEX_MAX_PROCESSES", "3");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("90 from " + SettingsScene.SYSTEM + ":1");
    assertThat(scene.show(Setting.MAX_PROCESSES))
        .isEqualTo("50 from " + SettingsScene.SYSTEM + ":2");
    assertThat(scene.settings().pidsMax()).hasValue(1600);
  }

  @Test
  void guardsVariableWins() throws ConfigException {
    scene.variable("CLAUDEX_MAX_PROCESSES", "3").variable("GUARD_MAX_PROCESSES", "50");
    assertThat(scene.show(Setting.MAX_PROCESSES)).isEqualTo("50 from GUARD_MAX_PROCESSES");
    assertThat(scene.settings().pidsMax()).hasValue(1600);
  }

  @Test
  void aNumberOfTasksOfItsOwnStays() throws ConfigException {
    scene.variable("CLAUDEX_MAX_PROCESSES", "3").variable("GUARD_PIDS_MAX", "500");
    assertThat(scene.settings().maxProcesses()).hasValue(3);
    assertThat(scene.settings().pidsMax()).hasValue(500);
  }

  @Test
  void aProjectsFileMayOnlyTighten() throws ConfigException {
    scene.file(SettingsScene.PROJECT_CLAUDEX, TABLE, "timeout_seconds = 301");
    assertThat(scene.notices())
        .containsExactly(
            SettingsScene.PROJECT_CLAUDEX
                + ": not taken, since a project's file may only tighten: limits.timeout_seconds = 301,"
                + " looser than 300 (built-in)"
                + READ_IT);
  }

  @Test
  void aProjectMayNotLoosenTheUsersVariable() throws ConfigException {
    scene
        .variable("CLAUDEX_TIMEOUT", "60")
        .file(SettingsScene.PROJECT, "limits.timeout_seconds = 61");
    assertThat(scene.notices())
        .containsExactly(
            SettingsScene.PROJECT
                + ": not taken, since a project's file may only tighten: limits.timeout_seconds = 61,"
                + " looser than CLAUDEX_TIMEOUT has it"
                + READ_IT);
    assertThat(scene.settings().timeout()).hasValue(Duration.ofSeconds(60));
  }

  @Test
  void aProjectMayNotRaiseTasksThroughGuardsName() throws ConfigException {
    scene
        .variable("CLAUDEX_MAX_PROCESSES", "10")
        .file(SettingsScene.PROJECT, "limits.max_processes = 5");
    assertThat(scene.settings().maxProcesses()).hasValue(5);
    assertThat(scene.settings().pidsMax()).hasValue(10);
  }

  @Test
  void whatIsOverruledCanNotLoosen() throws ConfigException {
    scene.file(
        SettingsScene.PROJECT_CLAUDEX,
        TABLE,
        "timeout_seconds = 900",
        "rate_limit_per_second = 900");
    scene
        .file(SettingsScene.USER, "limits.timeout_seconds = 10")
        .variable("CLAUDEX_RATE_LIMIT", "1");
    assertThat(scene.settings().timeout()).hasValue(Duration.ofSeconds(10));
    assertThat(scene.settings().rateLimitPerSecond()).hasValue(1);
  }

  @Test
  void theHomesOwnFileIsNotAProjects() throws ConfigException, IOException {
    scene.file(SettingsScene.HOME_CLAUDEX, TABLE, "timeout_seconds = 1000");
    assertThat(scene.show(Setting.TIMEOUT))
        .isEqualTo("1000 from " + SettingsScene.HOME_CLAUDEX + ":2");
    Path home = scene.nioPath(SettingsScene.HOME_CLAUDEX).getParent().getParent();
    scene.home(Files.createSymbolicLink(scene.nioPath("/linked"), home).toString());
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("1000 from /linked/.claudex/config.toml:2");
  }

  @Test
  void theRestOfItsOwnFilesIsNotGuards() throws ConfigException {
    scene.file(
        SettingsScene.HOME_CLAUDEX,
        "model = \"x\"",
        "limits = 4",
        TABLE,
        "enabled = true",
        "timeout_seconds = 9");
    assertThat(scene.settings().timeout()).hasValue(Duration.ofSeconds(9));
    scene.file(SettingsScene.HOME_CLAUDEX, "features = 1");
    assertThat(scene.settings().timeout()).hasValue(Duration.ofMinutes(5));
  }

  @Test
  void aNearMissInItsOwnFileIsAProblem() {
    scene.file(SettingsScene.HOME_CLAUDEX, TABLE, "max_proceses = 4");
    assertThat(scene.problems())
        .containsExactly(
            SettingsScene.HOME_CLAUDEX
                + ":2: features.process_protection.max_proceses: unknown key; did you mean max_processes?");
  }

  @Test
  void aNamedFileLeavesItsFilesOutButNotItsVariables() throws ConfigException {
    scene
        .file(SettingsScene.HOME_CLAUDEX, TABLE, "timeout_seconds = 9")
        .variable("CLAUDEX_RATE_LIMIT", "1");
    scene.file("/named.toml", "").config(scene.path("/named.toml"));
    assertThat(scene.settings().timeout()).isEqualTo(Optional.of(Duration.ofMinutes(5)));
    assertThat(scene.settings().rateLimitPerSecond()).hasValue(1);
  }
}
