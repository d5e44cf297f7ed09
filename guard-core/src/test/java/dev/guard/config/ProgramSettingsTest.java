package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows how a program lays settings over the user's, for its Guard and for one command. */
class ProgramSettingsTest {
  @TempDir Path folder;
  private SettingsScene scene;

  @BeforeEach
  void userFile() {
    scene =
        new SettingsScene(folder)
            .file(SettingsScene.USER, "[limits]", "timeout_seconds = 7", "open_files = 70")
            .variable("GUARD_PIDS_MAX", "77");
  }

  @Test
  void whatItSetsWinsOverFilesAndVariablesAndLeavesTheRest() throws ConfigException {
    ProgramSettings settings = scene.ofProgram();
    GuardConfig config = settings.with(Map.of(Setting.TIMEOUT, "9", Setting.PIDS_MAX, "99"));
    assertThat(config.timeout()).contains(Duration.ofSeconds(9));
    assertThat(config.pidsMax()).contains(99);
    assertThat(config.openFiles()).contains(70);
    assertThat(settings.with(Map.of()).timeout()).as("others").contains(Duration.ofSeconds(7));
    assertThat(settings.with(Map.of()).pidsMax()).contains(77);
  }

  @Test
  void overACeilingIsAProblemThatNamesTheMethod() throws ConfigException {
    scene.file(SettingsScene.SYSTEM, "[ceiling]", "timeout_seconds = 8");
    ProgramSettings settings = scene.ofProgram();
    assertThat(settings.with(Map.of(Setting.TIMEOUT, "8")).timeout()).isPresent();
    ConfigException e =
        catchThrowableOfType(
            ConfigException.class, () -> settings.with(Map.of(Setting.TIMEOUT, "9")));
    assertThat(e.problems())
        .singleElement()
        .asString()
        .startsWith("CommandLimits.timeout: limits.timeout_seconds: 9 is over the ceiling of 8");
    assertThat(settings.with(Map.of(Setting.TIMEOUT, "1")).timeout())
        .as("one that was refused is not remembered")
        .contains(Duration.ofSeconds(1));
  }

  @Test
  void messagesNameTheFileAndTheMethod() throws ConfigException {
    GuardConfig config = scene.ofProgram().with(Map.of());
    assertThat(config.sources().of(Setting.TIMEOUT))
        .endsWith(SettingsScene.USER + ":2; raise it there or with CommandLimits.timeout)");
  }

  @Test
  void whatAProjectMayNotHaveIsANotice() throws ConfigException {
    scene.file(SettingsScene.PROJECT, "[limits]", "timeout_seconds = 1000");
    assertThat(scene.ofProgram().notices()).isNotEmpty();
    assertThat(scene.ofProgram().with(Map.of()).timeout()).contains(Duration.ofSeconds(7));
  }
}
