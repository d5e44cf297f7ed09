package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Shows that a project's file may only tighten, since it can be written by the agent that it should
 * bound.
 */
class ProjectFileTest {
  private static final String AT = SettingsScene.PROJECT + ":1";
  private static final String TIGHTEN =
      SettingsScene.PROJECT + ": not taken, since a project's file may only tighten: ";
  private static final String READ_IT =
      "; to have its values, read it, then: guard trust /home/project";

  @TempDir Path folder;
  private SettingsScene scene;

  @BeforeEach
  void aUserWithEverySetting() {
    scene = new SettingsScene(folder);
    scene.file(
        SettingsScene.USER,
        "limits.max_processes = 10",
        "limits.user_max_processes = 10",
        "limits.rate_limit_per_second = 10",
        "limits.timeout_seconds = 10",
        "limits.kill_after_seconds = 10",
        "limits.pids_max = 10",
        "limits.open_files = 10",
        "limits.memory_max = 10",
        "limits.memory_oom = \"group\"",
        "limits.cpu_max = 10",
        "limits.cpu_time_seconds = 10",
        "budget.name = \"mine\"",
        "budget.reserve = true",
        "leftovers.policy = \"with-parent\"",
        "containment.require = [\"pids\", \"timeout\"]",
        "gateway.mode = \"off\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "max_processes",
        "user_max_processes",
        "rate_limit_per_second",
        "timeout_seconds",
        "kill_after_seconds",
        "pids_max",
        "open_files",
        "memory_max",
        "cpu_max",
        "cpu_time_seconds"
      })
  void aLimitMayBeLoweredOrRepeatedButNotRaised(String key) throws ConfigException {
    Setting s = Setting.find("limits", key).orElseThrow();
    assertThat(project(key, "9").show(s)).isEqualTo("9 from " + AT);
    assertThat(project(key, "10").show(s)).isEqualTo("10 from " + AT);
    assertThat(project(key, "11").notices()).containsExactly(tooLoose(s, "11", "10"));
    assertThat(scene.load().entry(s).value()).isEqualTo("10");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "max_processes",
        "user_max_processes",
        "rate_limit_per_second",
        "timeout_seconds",
        "pids_max",
        "open_files",
        "memory_max",
        "cpu_max",
        "cpu_time_seconds"
      })
  void aLimitMayNotBeTurnedOff(String key) throws ConfigException {
    Setting s = Setting.find("limits", key).orElseThrow();
    assertThat(project(key, "0").notices()).containsExactly(tooLoose(s, "0", "10"));
    assertThat(scene.load().entry(s).value()).isEqualTo("10");
  }

  @Test
  void noGraceIsTheTightest() throws ConfigException {
    assertThat(project("kill_after_seconds", "0").settings().killAfter()).isZero();
  }

  @Test
  void oneProcessInPlaceOfAllIsLooser() throws ConfigException {
    assertThat(project("memory_oom", "\"process\"").notices())
        .containsExactly(tooLoose(Setting.MEMORY_OOM, "process", "group"));
  }

  @Test
  void whatIsOffMayBeLimited() throws ConfigException {
    scene.file(SettingsScene.USER, "");
    assertThat(project("memory_max", "\"1G\"").settings().memoryMax()).hasValue(1L << 30);
    assertThat(project("cpu_max", "2").settings().cpuMax()).hasValue(2.0);
  }

  @ParameterizedTest
  @CsvSource({"kill, true", "with-parent, true", "keep, false"})
  void leftoversMayBeTreatedMoreStrictly(String policy, boolean tighter) throws ConfigException {
    scene.file(SettingsScene.PROJECT, "leftovers.policy = \"" + policy + "\"");
    if (tighter) {
      assertThat(scene.show(Setting.LEFTOVERS)).isEqualTo(policy + " from " + AT);
    } else {
      assertThat(scene.notices())
          .containsExactly(tooLoose(Setting.LEFTOVERS, "keep", "with-parent"));
      assertThat(scene.load().entry(Setting.LEFTOVERS).value()).isEqualTo("with-parent");
    }
  }

  @Test
  void moreLayersMayBeRequired() throws ConfigException {
    scene.file(SettingsScene.PROJECT, "containment.require = [\"cpu\", \"timeout\", \"pids\"]");
    assertThat(scene.show(Setting.REQUIRE)).isEqualTo("cpu,timeout,pids from " + AT);
    scene.file(SettingsScene.PROJECT, "containment.require = [\"cpu\", \"pids\"]");
    assertThat(scene.notices())
        .containsExactly(
            AT
                + ": containment.require = cpu,pids is not taken: it is looser than pids,timeout ("
                + SettingsScene.USER
                + ":15); set it in a file of your own");
    scene.file(SettingsScene.PROJECT, "containment.require = []");
    assertThat(scene.notices()).hasSize(1);
    assertThat(scene.load().entry(Setting.REQUIRE).value()).isEqualTo("pids,timeout");
  }

  @ParameterizedTest
  @CsvSource({"budget.name, mine, 12, other", "gateway.mode, off, 16, require"})
  void budgetAndGatewayMayNotBeChanged(String path, String same, int line, String other)
      throws ConfigException {
    scene.file(SettingsScene.PROJECT, path + " = \"" + same + "\"");
    scene.load();
    scene.file(SettingsScene.PROJECT, path + " = \"" + other + "\"");
    String source = same + " (" + SettingsScene.USER + ":" + line + ")";
    String not = " is not taken: a project may not change it from ";
    assertThat(scene.notices())
        .containsExactly(
            AT + ": " + path + " = " + other + not + source + "; set it in a file of your own");
  }

  @Test
  void tighterThanTheDefaultIsNotTighterThanTheUsersOwn() throws ConfigException {
    assertThat(project("timeout_seconds", "299").notices()).hasSize(1);
    assertThat(scene.settings().timeout().orElseThrow()).hasSeconds(10);
  }

  @Test
  void theUserMayLoosenAgain() throws ConfigException {
    project("timeout_seconds", "5").variable("GUARD_TIMEOUT", "1000");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("1000 from GUARD_TIMEOUT");
  }

  @Test
  void tasksDoNotGrowWithProcessesThatWereNotLimited() throws ConfigException {
    scene.file(SettingsScene.USER, "limits.max_processes = 0");
    int before = scene.settings().pidsMax().orElseThrow();
    assertThat(project("max_processes", "1000000").settings().pidsMax()).hasValue(before);
    assertThat(project("max_processes", "2").settings().pidsMax()).hasValue(64);
    scene.variable("GUARD_MAX_PROCESSES", "500");
    assertThat(scene.settings().pidsMax()).hasValue(16000);
  }

  @Test
  void theOrderInTheFileMakesNoDifference() throws ConfigException {
    scene.file(SettingsScene.USER, "limits.max_processes = 10");
    scene.file(SettingsScene.PROJECT, "limits.max_processes = 2", "limits.pids_max = 300");
    assertThat(scene.settings().pidsMax()).hasValue(300);
    scene.file(SettingsScene.PROJECT, "limits.pids_max = 300", "limits.max_processes = 2");
    assertThat(scene.settings().pidsMax()).hasValue(300);
  }

  @Test
  void allThatLoosensIsOneLine() throws ConfigException {
    project("timeout_seconds", "5")
        .file(
            SettingsScene.PROJECT,
            "limits.cpu_max = 11",
            "limits.open_files = 0",
            "limits.timeout_seconds = 5");
    assertThat(scene.notices())
        .containsExactly(
            TIGHTEN
                + "limits.cpu_max = 11, looser than 10 ("
                + SettingsScene.USER
                + ":10); limits.open_files = 0, looser than 10 ("
                + SettingsScene.USER
                + ":7)"
                + READ_IT);
    assertThat(scene.settings().timeout().orElseThrow()).as("the rest counts").hasSeconds(5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "colour = 1",
        "open_files = 1",
        "limits.colour = 1",
        "ceiling.open_files = 1",
        "budgets.build.open_files = 1",
        "features.x = 1",
        "features.process_protection.colour = 1"
      })
  void whatThisGuardDoesNotKnowIsOneLineAndNotTaken(String line) throws ConfigException {
    scene.file(SettingsScene.PROJECT, line, "limits.timeout_seconds = 5");
    assertThat(scene.notices()).singleElement().asString().startsWith(AT + ": not taken: ");
    assertThat(scene.settings().timeout().orElseThrow()).as("the rest counts").hasSeconds(5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"limits = 1", "limits.open_files = '1'", "limits.open_files = -1", "limits"})
  void whatIsNoTomlOrHasAWrongTypeRefuses(String line) {
    assertThat(scene.file(SettingsScene.PROJECT, line).problems()).hasSize(1);
  }

  private SettingsScene project(String key, String value) {
    return scene.file(SettingsScene.PROJECT, "limits." + key + " = " + value);
  }

  private static String tooLoose(Setting s, String value, String before) {
    int line = List.of(Setting.values()).indexOf(s) + 1;
    String source = before + " (" + SettingsScene.USER + ":" + line + ")";
    return TIGHTEN + s.path() + " = " + value + ", looser than " + source + READ_IT;
  }
}
