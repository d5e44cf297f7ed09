package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows that a message tells its reader to change the setting that has set the limit in this run.
 */
class SourcesTest {
  @TempDir Path folder;
  private SettingsScene scene;

  @BeforeEach
  void nothingSet() {
    scene = new SettingsScene(folder);
  }

  private String of(Setting limit) throws ConfigException {
    return scene.settings().sources().of(limit).replace(scene.path("").toString(), "");
  }

  private String toRaise(Setting limit) throws ConfigException {
    return scene.settings().sources().toRaise(limit).replace(scene.path("").toString(), "");
  }

  @Test
  void builtIn() throws ConfigException {
    assertThat(of(Setting.TIMEOUT))
        .isEqualTo(" (built-in; raise it with --timeout or GUARD_TIMEOUT)");
    assertThat(of(Setting.PIDS_MAX))
        .isEqualTo(" (built-in, 32 x max_processes; raise it with --pids-max or GUARD_PIDS_MAX)");
    assertThat(toRaise(Setting.MAX_PROCESSES)).isEqualTo("GUARD_MAX_PROCESSES");
  }

  @Test
  void aFlag() throws ConfigException {
    scene.flag(Setting.TIMEOUT, "3");
    assertThat(of(Setting.TIMEOUT)).isEqualTo(" (--timeout; raise it there)");
    assertThat(toRaise(Setting.TIMEOUT)).isEqualTo("--timeout");
  }

  @Test
  void aVariableOfGuardOrClaudex() throws ConfigException {
    scene.variable("CLAUDEX_MAX_PROCESSES", "9").variable("GUARD_TIMEOUT", "3");
    assertThat(of(Setting.TIMEOUT)).isEqualTo(" (GUARD_TIMEOUT; raise it there or with --timeout)");
    assertThat(toRaise(Setting.MAX_PROCESSES)).isEqualTo("CLAUDEX_MAX_PROCESSES");
  }

  @Test
  void aFile() throws ConfigException {
    scene.file(SettingsScene.PROJECT, "[limits]", "max_processes = 9", "timeout_seconds = 3");
    assertThat(of(Setting.TIMEOUT))
        .isEqualTo(" (" + SettingsScene.PROJECT + ":3; raise it there or with --timeout)");
    assertThat(toRaise(Setting.MAX_PROCESSES))
        .isEqualTo("max_processes in " + SettingsScene.PROJECT + ":2");
  }

  /** No flag goes over it. */
  @Test
  void aCeiling() throws ConfigException {
    scene.file(SettingsScene.SYSTEM, "[ceiling]", "timeout_seconds = 3", "max_processes = 2");
    assertThat(of(Setting.TIMEOUT))
        .isEqualTo(" (ceiling at " + SettingsScene.SYSTEM + ":2; raise it there)");
    assertThat(toRaise(Setting.MAX_PROCESSES))
        .isEqualTo("the ceiling at " + SettingsScene.SYSTEM + ":3");
  }
}
