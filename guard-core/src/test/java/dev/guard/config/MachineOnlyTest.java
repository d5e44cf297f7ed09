package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows that shell.when_unavailable can stand in no file but the system's. */
class MachineOnlyTest {
  private static final String LINE = "shell.when_unavailable = 'run'";

  @TempDir Path folder;
  private SettingsScene scene;

  @BeforeEach
  void theSystemRefuses() {
    scene =
        new SettingsScene(folder)
            .file(SettingsScene.SYSTEM, "[shell]", "when_unavailable = 'refuse'");
  }

  @Test
  void aProjectsIsNotTaken() throws ConfigException {
    scene.file(SettingsScene.PROJECT, LINE);
    assertThat(scene.load().notices())
        .singleElement()
        .asString()
        .endsWith(
            ":1: not taken: shell.when_unavailable: can only be set in /etc/guard/config.toml, or by"
                + " GUARD_SHELL_UNAVAILABLE; remove it here");
    assertThat(scene.show(Setting.SHELL_UNAVAILABLE))
        .isEqualTo("refuse from " + SettingsScene.SYSTEM + ":2");
  }

  @Test
  void aNamedFilesIsCheckedAndDoesNotCount() throws ConfigException {
    scene.file("/named.toml", LINE).config(scene.path("/named.toml"));
    assertThat(scene.show(Setting.SHELL_UNAVAILABLE))
        .isEqualTo("refuse from " + SettingsScene.SYSTEM + ":2");
    scene.file("/named.toml", LINE.replace("run", "walk"));
    assertThat(scene.problems())
        .containsExactly(
            "/named.toml:1: shell.when_unavailable: must be one of refuse, run, not \"walk\"");
  }

  @Test
  void aValueOverACeilingIsForbiddenAndAMistakeIsNot() {
    scene.variable("GUARD_TIMEOUT", "x");
    assertThat(failure().isForbidden()).isFalse();
    scene
        .file(SettingsScene.SYSTEM, "[ceiling]", "open_files = 5")
        .variable("GUARD_OPEN_FILES", "6");
    assertThat(failure().isForbidden()).isTrue();
  }

  private ConfigException failure() {
    return catchThrowableOfType(ConfigException.class, scene::load);
  }
}
