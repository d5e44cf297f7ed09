package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.guard.cli.ConfigFixture.ScriptOutput;
import dev.guard.config.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls {@code guard config} as it is packaged. Needs a shell and no file in /etc/guard. */
class ConfigIT {
  @TempDir Path temporary;
  private Path folder;
  private ConfigFixture scene;

  @BeforeEach
  void emptyScene() throws IOException {
    folder = temporary.toRealPath();
    scene = new ConfigFixture(folder);
  }

  @Test
  void showNamesEverySettingAndItsSource() throws Exception {
    scene.file(ConfigFixture.USER_FILE, "limits.timeout_seconds = 7");
    ScriptOutput shown = scene.run("guard config show", "GUARD_PIDS_MAX", "99");
    assertThat(shown.status()).isZero();
    assertThat(shown.errors()).isEmpty();
    assertThat(shown.output()).extracting(l -> l.split(" +", 2)[0]).containsExactly(paths());
    assertThat(shown.output())
        .anyMatch(
            l -> l.matches("limits.timeout_seconds +7 +" + folder + "/.config/guard/config.toml:1"))
        .anyMatch(l -> l.matches("limits.pids_max +99 +GUARD_PIDS_MAX"))
        .anyMatch(l -> l.matches("containment.require +\\(none\\) +built-in"));
  }

  @Test
  void showAsJson() throws Exception {
    scene.file(".guard/config.toml", "limits.timeout_seconds = 7.5");
    ScriptOutput shown = scene.run("guard config show --json", "CLAUDEX_RATE_LIMIT", "3");
    assertThat(shown.status()).isZero();
    JsonObject json = JsonParser.parseString(String.join("\n", shown.output())).getAsJsonObject();
    assertThat(json.keySet()).containsExactly(paths());
    assertThat(json.keySet()).allMatch(k -> !where(json, k).isEmpty());
    assertThat(json.getAsJsonObject("limits.timeout_seconds").get("value").getAsString())
        .isEqualTo("7.5");
    assertThat(where(json, "limits.timeout_seconds")).isEqualTo(folder + "/.guard/config.toml:1");
    assertThat(where(json, "limits.rate_limit_per_second")).isEqualTo("CLAUDEX_RATE_LIMIT");
  }

  /** Under claudex's limit of tasks, 2 x cores, none would start. */
  @ParameterizedTest
  @CsvSource({"CLAUDEX_RATE_LIMIT, 2", "CLAUDEX_TIMEOUT, 60", "CLAUDEX_MAX_PROCESSES, 50"})
  void aJavaStartsUnderEachOfClaudexsVariables(String variable, String value) {
    ScriptOutput run = scene.run("guard exec -- java -version", variable, value);
    assertThat(run.status()).as(run.output().toString()).isZero();
  }

  @Test
  void showOfANamedFile() throws Exception {
    scene.file("x.toml", "limits.timeout_seconds = 7").file(ConfigFixture.USER_FILE, "broken");
    assertThat(scene.run("guard config show --config x.toml").output())
        .anyMatch(l -> l.matches("limits.timeout_seconds +7 +x.toml:1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"guard config check x.toml", "guard config check", "guard config show"})
  void badSettingsAreRefusedWithEveryLine(String command) throws Exception {
    scene.file("x.toml", "[limits]", "timeout_seconds = -1", "pid_max = 5");
    ScriptOutput checked =
        scene.run(command, command.endsWith("x.toml") ? "X" : "GUARD_CONFIG", "x.toml");
    assertThat(checked.status()).isEqualTo(125);
    assertThat(checked.output()).isEmpty();
    assertThat(checked.errors())
        .containsExactly(
            "guard: x.toml:2: limits.timeout_seconds: must be a number of seconds from 0 to 315360000,"
                + " not -1",
            "guard: x.toml:3: limits.pid_max: unknown key; did you mean pids_max?");
  }

  @Test
  void checkOfGoodSettingsSaysNothing() throws Exception {
    scene.file("x.toml", "limits.timeout_seconds = 1");
    ScriptOutput checked = scene.run("guard config check && guard config check x.toml");
    assertThat(checked).isEqualTo(new ScriptOutput(0, List.of(), List.of()));
  }

  @Test
  void checkOfAMissingFile() throws Exception {
    ScriptOutput checked = scene.run("guard config check x.toml");
    assertThat(checked.status()).isEqualTo(125);
    assertThat(checked.errors())
        .singleElement()
        .asString()
        .startsWith("guard: --config: x.toml: there is no such file");
  }

  @Test
  void initWritesAFileThatPasses() throws Exception {
    ScriptOutput made = scene.run("guard config init && guard config check");
    assertThat(made)
        .isEqualTo(new ScriptOutput(0, List.of(folder + "/" + ConfigFixture.USER_FILE), List.of()));
    assertThat(folder.resolve(ConfigFixture.USER_FILE))
        .hasSameTextualContentAs(Path.of("..", "config", "config.toml"));
  }

  @Test
  void initRefusesToOverwrite() throws Exception {
    scene.file("x.toml", "# mine");
    ScriptOutput refused = scene.run("guard config init x.toml");
    assertThat(refused.status()).isEqualTo(125);
    assertThat(refused.errors())
        .containsExactly("guard: x.toml: exists already; name another file, or remove it");
    assertThat(Files.readString(folder.resolve("x.toml"))).isEqualTo("# mine\n");
  }

  @Test
  void initWithoutAHome() throws Exception {
    ScriptOutput refused = scene.run("unset HOME; guard config init");
    assertThat(refused.status()).isEqualTo(125);
    assertThat(refused.errors())
        .containsExactly("guard: config init: HOME is not set; set it or name a file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "C.UTF-8"})
  void namesWithoutAnEncoding(String locale) throws Exception {
    ScriptOutput result =
        scene.run(
            "d=$(printf 'a\\377\\303b \\351')\n"
                + "guard config init \"$d/deep/x.toml\" && test -s \"$d/deep/x.toml\" || exit 1\n"
                + "sed -i 's/^# pids_max = .*/pids_max = 77/' \"$d/deep/x.toml\"\n"
                + "guard config check \"$d/deep/x.toml\" || exit 2\n"
                + "guard config show --config=\"$d/deep/x.toml\" | grep -q '^limits.pids_max  *77' || exit 3\n"
                + "mkdir \"$d/.guard\" && echo limits.open_files = 33 >\"$d/.guard/config.toml\" && cd \"$d\" || exit 4\n"
                + "guard config show | grep -q '^limits.open_files  *33' || exit 5\n"
                + "cd .. && guard exec -C \"$d\" -- sh -c 'exit $(ulimit -n)'",
            "LC_ALL",
            locale);
    assertThat(result.errors()).isEmpty();
    assertThat(result.output()).containsExactly("a\u00ff\u00c3b \u00e9/deep/x.toml");
    assertThat(result.status()).isEqualTo(33);
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "C.UTF-8"})
  void namesInMessagesAreTheirBytes(String locale) throws Exception {
    ScriptOutput result =
        scene.run("guard config check \"$(printf 'gr\\303\\274n')\"", "LC_ALL", locale);
    assertThat(result.errors())
        .singleElement()
        .asString()
        .startsWith("guard: --config: gr\u00c3\u00bcn: there is");
  }

  @Test
  void aRemovedWorkingDirectory() throws Exception {
    ScriptOutput refused =
        scene.run("mkdir gone && cd gone && rmdir ../gone && guard exec -- true");
    assertThat(refused.status()).isEqualTo(125);
    assertThat(refused.errors())
        .endsWith(
            "guard: the working directory has been removed, and Java needs one; change to one that exists");
  }

  private static String where(JsonObject json, String key) {
    return json.getAsJsonObject(key).get("where").getAsString();
  }

  private static String[] paths() {
    return Arrays.stream(Setting.values()).map(Setting::path).toArray(String[]::new);
  }
}
