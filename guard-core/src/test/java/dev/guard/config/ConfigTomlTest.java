package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks config/config.toml, the file that {@code guard config init} writes. */
class ConfigTomlTest {
  private static final Path FILE = Path.of("..", "config", "config.toml");
  private static final Pattern COMMENTED = Pattern.compile("^# (\\[[a-z_.]+]|[a-z_]+ = .+)$");

  @TempDir Path folder;
  private List<String> uncommented;

  @BeforeEach
  void uncommentEveryKey() throws IOException {
    uncommented =
        Files.readAllLines(FILE).stream()
            .map(line -> COMMENTED.matcher(line).replaceFirst("$1"))
            .toList();
  }

  @Test
  void asItIsItSetsNothing() throws ConfigException, IOException {
    SettingsScene scene =
        new SettingsScene(folder).file(SettingsScene.SYSTEM, Files.readString(FILE));
    assertThat(scene.load().entries()).allMatch(e -> e.where().startsWith("built-in"));
  }

  /** It shows max_processes and pids_max as they are with up to 16 cores; the rest is exact. */
  @Test
  void everySettingIsThereAtItsDefault() throws ConfigException {
    SettingsScene scene =
        new SettingsScene(folder).file(SettingsScene.SYSTEM, uncommented.toArray(String[]::new));
    GuardConfig defaults = GuardConfig.defaultsWith(Map.of(Setting.MAX_PROCESSES, "32"));
    assertThat(scene.settings()).isEqualTo(defaults);
    assertThat(scene.load().entries()).allMatch(e -> e.where().contains(SettingsScene.SYSTEM));
  }

  @Test
  void itSaysWhatTheDefaultsThatDependOnTheCoresAre() {
    assertThat(uncommented)
        .anyMatch(line -> line.endsWith("Default: 2 x cores, at least 32."))
        .anyMatch(line -> line.endsWith("Default: 32 x max_processes."))
        .contains("max_processes = 32", "pids_max = " + 32 * 32);
  }

  @Test
  void everyKeyStandsUnderAComment() {
    for (int i = 1; i < uncommented.size(); i++) {
      Matcher key = Pattern.compile("[a-z_]+ = .+").matcher(uncommented.get(i));
      if (key.matches()) {
        assertThat(uncommented.get(i - 1))
            .as("before %s", key.group())
            .matches("(# .*|\\[ceiling]|\\[budgets\\.build]|\\[profiles\\.ci\\.limits])");
      }
    }
  }
}
