package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Os;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows that, when everything is wrong everywhere, every line of it is told at once. */
class AllProblemsAtOnceTest {
  private static final String READABLE =
      "; make it a readable file of at most 128 KiB, or remove it";

  @TempDir Path folder;

  @Test
  void everyLine() {
    SettingsScene scene = new SettingsScene(folder);
    scene.file(
        SettingsScene.SYSTEM, "[ceiling]", "open_files = 100", "[limits]", "timeout_seconds = nan");
    scene.file(SettingsScene.HOME_CLAUDEX, "[features.process_protection]", "max_processes = -1");
    scene.file(
        SettingsScene.USER,
        "colour = 1",
        "[limits]",
        "pids_mx = 5",
        "rate_limit_per_second = 'x'",
        "cpu_max = inf",
        "memory_max = -5",
        "open_files = 0",
        "max_processes = 4194305",
        "[ceiling]",
        "cpu_max = 1",
        "[budget]",
        "name = \"a/b\"");
    scene.file(SettingsScene.PROJECT_CLAUDEX, "[features.process_protection");
    scene.file(
        SettingsScene.PROJECT,
        "limits.timeout_seconds = true",
        "budget.name = 'b'",
        "limits.cpu_max = ''");
    scene.variable("GUARD_KILL_AFTER", "s3cret!").variable("GUARD_LEFTOVERS", "");
    scene.variable("GUARD_TIMOUT", "1").variable("GUARD_OPEN_FILES", "102");
    scene.variable("CLAUDEX_TIMEOUT", "s3cret!");
    scene.flag(Setting.GATEWAY, "maybe");

    assertThat(scene.problems())
        .containsExactly(
            SettingsScene.SYSTEM
                + ":4: limits.timeout_seconds: must be "
                + Setting.TIMEOUT.takes()
                + ", not NaN",
            SettingsScene.HOME_CLAUDEX
                + ":2: features.process_protection.max_processes: must be a whole number from 0 to 4194304, not -1",
            SettingsScene.USER
                + ":1: colour: unknown table; remove it. Known here: limits, budget, leftovers, containment, gateway, messages, profile, shell, budgets, profiles, ceiling",
            SettingsScene.USER + ":3: limits.pids_mx: unknown key; did you mean pids_max?",
            SettingsScene.USER
                + ":4: limits.rate_limit_per_second: must be a whole number from 0 to 100000, not \"x\"",
            SettingsScene.USER
                + ":5: limits.cpu_max: must be "
                + Setting.CPU_MAX.takes()
                + ", not Infinity",
            SettingsScene.USER
                + ":6: limits.memory_max: must be "
                + Setting.MEMORY_MAX.takes()
                + ", not -5",
            SettingsScene.USER
                + ":8: limits.max_processes: must be a whole number from 0 to 4194304, not 4194305",
            SettingsScene.USER
                + ":10: ceiling.cpu_max: a ceiling can only be set in /etc/guard/config.toml; remove it here",
            SettingsScene.USER
                + ":12: budget.name: must be "
                + Setting.BUDGET.takes()
                + ", not \"a/b\"",
            "CLAUDEX_TIMEOUT: must be "
                + Setting.TIMEOUT.takes()
                + ", and is not; correct or unset it",
            SettingsScene.PROJECT_CLAUDEX
                + ":1: invalid TOML: Unexpected end of line, expected ]; correct it",
            SettingsScene.PROJECT
                + ":1: limits.timeout_seconds: must be "
                + Setting.TIMEOUT.takes()
                + ", not true",
            SettingsScene.PROJECT
                + ":3: limits.cpu_max: must be "
                + Setting.CPU_MAX.takes()
                + ", not \"\"",
            "GUARD_KILL_AFTER: must be "
                + Setting.KILL_AFTER.takes()
                + ", and is not; correct or unset it",
            "GUARD_LEFTOVERS: must be "
                + Setting.LEFTOVERS.takes()
                + ", and is empty; correct or unset it",
            "GUARD_TIMOUT: unknown variable; did you mean GUARD_TIMEOUT? Unset or rename it",
            "--gateway: must be one of auto, require, off, not \"maybe\"",
            over(SettingsScene.USER + ":7", "0"),
            over("GUARD_OPEN_FILES", "its value"));
  }

  @Test
  void everyFileThatIsNone() throws IOException {
    SettingsScene scene = new SettingsScene(folder);
    Files.createSymbolicLink(scene.nioPath(SettingsScene.SYSTEM), Path.of("config.toml"));
    scene.nioPath(SettingsScene.HOME_CLAUDEX + "/x");
    Files.write(scene.nioPath(SettingsScene.USER), new byte[] {(byte) 0xff});
    Files.write(scene.nioPath(SettingsScene.PROJECT_CLAUDEX), new byte[(1 << 17) + 1]);
    scene.nioPath(SettingsScene.PROJECT);
    Os.linux().makeFifo(scene.path(SettingsScene.PROJECT));
    assertThat(scene.problems())
        .containsExactly(
            SettingsScene.SYSTEM
                + ": can not be read (open "
                + SettingsScene.SYSTEM
                + ": Too many levels of symbolic links)"
                + READABLE,
            SettingsScene.HOME_CLAUDEX + ": can not be read (not a regular file)" + READABLE,
            SettingsScene.USER + ": is not UTF-8 text; save it as UTF-8",
            SettingsScene.PROJECT_CLAUDEX
                + ": can not be read (larger than 131072 bytes)"
                + READABLE,
            SettingsScene.PROJECT + ": can not be read (not a regular file)" + READABLE);
  }

  private static String over(String where, String value) {
    String ceiling = "100 (" + SettingsScene.SYSTEM + ":2)";
    return where
        + ": limits.open_files: "
        + value
        + " is over the ceiling of "
        + ceiling
        + "; lower it";
  }
}
