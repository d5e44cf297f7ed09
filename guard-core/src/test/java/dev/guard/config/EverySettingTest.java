package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.LayerName;
import dev.guard.Leftovers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Checks every setting: its default, and a value given in a file, a variable and a flag. */
class EverySettingTest {
  /** Unlike every default, as a flag takes it. */
  private static final Map<Setting, String> TEXTS =
      Map.ofEntries(
          Map.entry(Setting.MAX_PROCESSES, "7"),
          Map.entry(Setting.USER_MAX_PROCESSES, "8"),
          Map.entry(Setting.RATE_LIMIT, "9"),
          Map.entry(Setting.TIMEOUT, "0.25"),
          Map.entry(Setting.KILL_AFTER, "1.5"),
          Map.entry(Setting.PIDS_MAX, "77"),
          Map.entry(Setting.OPEN_FILES, "99"),
          Map.entry(Setting.MEMORY_MAX, "4096"),
          Map.entry(Setting.CPU_MAX, "2.5"),
          Map.entry(Setting.CPU_TIME, "0.75"),
          Map.entry(Setting.BUDGET, "build-2"),
          Map.entry(Setting.RESERVE, "true"),
          Map.entry(Setting.PROFILE, "agent"),
          Map.entry(Setting.LEFTOVERS, "with-parent"),
          Map.entry(Setting.REQUIRE, "pids,memory"),
          Map.entry(Setting.MEMORY_OOM, "process"),
          Map.entry(Setting.DRIFT, "kill"),
          Map.entry(Setting.GATEWAY, "off"),
          Map.entry(Setting.IDLE_EXIT, "90"),
          Map.entry(Setting.MESSAGES, "quiet"),
          Map.entry(Setting.SHELL_UNAVAILABLE, "refuse"));

  private static final GuardConfig EXPLICIT =
      new GuardConfig(
          Optional.of(7),
          Optional.of(8),
          Optional.of(9),
          Optional.of(Duration.ofMillis(250)),
          Duration.ofMillis(1500),
          Optional.of(77),
          Optional.of(99),
          Optional.of(4096L),
          GuardConfig.MemoryOom.PROCESS,
          Optional.of(2.5),
          Optional.of(Duration.ofMillis(750)),
          "build-2",
          true,
          Leftovers.WITH_PARENT,
          Set.of(LayerName.PIDS, LayerName.MEMORY),
          GuardConfig.Drift.KILL,
          GuardConfig.Gateway.OFF,
          Optional.of(Duration.ofSeconds(90)),
          GuardConfig.MessageLevel.QUIET,
          Sources.NONE);

  @TempDir Path folder;

  @Test
  void defaults() throws ConfigException {
    int processes = Math.max(2 * Runtime.getRuntime().availableProcessors(), 32);
    GuardConfig expected =
        new GuardConfig(
            Optional.of(processes),
            Optional.empty(),
            Optional.of(5),
            Optional.of(Duration.ofSeconds(300)),
            Duration.ofSeconds(5),
            Optional.of(32 * processes),
            Optional.of(16384),
            Optional.empty(),
            GuardConfig.MemoryOom.GROUP,
            Optional.empty(),
            Optional.empty(),
            "default",
            false,
            Leftovers.KILL,
            Set.of(),
            GuardConfig.Drift.RETURN,
            GuardConfig.Gateway.AUTO,
            Optional.of(Duration.ofMinutes(30)),
            GuardConfig.MessageLevel.OUTCOME,
            Sources.NONE);
    assertThat(GuardConfig.defaults()).isEqualTo(expected);
    assertThat(GuardConfig.defaultsWith(Map.of())).isEqualTo(expected);
    Effective effective = new SettingsScene(folder).load();
    assertThat(effective.config()).isEqualTo(expected);
    assertThat(effective.entries())
        .extracting(Effective.ShownSetting::setting)
        .containsExactly(Setting.values());
    assertThat(effective.entries()).allMatch(e -> e.where().startsWith("built-in"));
  }

  @Test
  void explicitValuesOfALibraryUser() throws ConfigException {
    assertThat(GuardConfig.defaultsWith(TEXTS)).isEqualTo(EXPLICIT);
  }

  @Test
  void everythingInAFile() throws ConfigException {
    SettingsScene scene = new SettingsScene(folder).file(SettingsScene.SYSTEM, fileLines());
    assertThat(scene.settings()).isEqualTo(EXPLICIT);
  }

  @Test
  void everythingInVariables() throws ConfigException {
    SettingsScene scene = new SettingsScene(folder);
    TEXTS.forEach((s, text) -> scene.variable(s.variable(), text));
    assertThat(scene.settings()).isEqualTo(EXPLICIT);
  }

  @Test
  void everythingInFlags() throws ConfigException {
    SettingsScene scene = new SettingsScene(folder);
    TEXTS.forEach(scene::flag);
    assertThat(scene.settings()).isEqualTo(EXPLICIT);
  }

  @ParameterizedTest
  @EnumSource(Setting.class)
  void oneSettingInEachPlaceNamesThatPlace(Setting s) throws ConfigException {
    String text = TEXTS.get(s);
    String line = s.key() + " = " + toml(s);
    String file = s.isOfMachine() ? SettingsScene.SYSTEM : SettingsScene.USER;
    SettingsScene scene = new SettingsScene(folder).file(file, "[" + s.table() + "]", line);
    assertThat(scene.show(s)).isEqualTo(text + " from " + file + ":2");
    assertThat(scene.variable(s.variable(), text).show(s))
        .isEqualTo(text + " from " + s.variable());
    assertThat(scene.flag(s, text).show(s)).isEqualTo(text + " from " + s.flag());
  }

  private static String[] fileLines() {
    return TEXTS.keySet().stream().map(s -> s.path() + " = " + toml(s)).toArray(String[]::new);
  }

  private static String toml(Setting s) {
    String text = TEXTS.get(s);
    if (s == Setting.RESERVE) {
      return text;
    }
    if (s == Setting.REQUIRE) {
      return "[\"" + text.replace(",", "\", \"") + "\"]";
    }
    return Character.isDigit(text.charAt(0)) ? text : '"' + text + '"';
  }
}
