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

/** A project's file can be written by what it should bound, so it may only tighten. */
class ProjectFileTest {
  private static final String AT = Scene.PROJECT + ":1";
  private static final String REMEDY = "; remove it, or set it in a file of your own";

  @TempDir Path folder;
  private Scene scene;

  @BeforeEach
  void aUserWithEverySetting() {
    scene = new Scene(folder);
    scene.file(
        Scene.USER,
        "limits.max_processes = 10",
        "limits.user_max_processes = 10",
        "limits.rate_limit_per_second = 10",
        "limits.timeout_seconds = 10",
        "limits.kill_after_seconds = 10",
        "limits.pids_max = 10",
        "limits.open_files = 10",
        "limits.memory_max = 10",
        "limits.cpu_max = 10",
        "budget.name = \"mine\"",
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
        "cpu_max"
      })
  void aLimitMayBeLoweredOrRepeatedButNotRaised(String key) throws ConfigException {
    Setting s = Setting.find("limits", key).orElseThrow();
    assertThat(project(key, "9").show(s)).isEqualTo("9 from " + AT);
    assertThat(project(key, "10").show(s)).isEqualTo("10 from " + AT);
    assertThat(project(key, "11").problems()).containsExactly(tooLoose(s, "11", "10"));
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
        "cpu_max"
      })
  void aLimitMayNotBeTurnedOff(String key) {
    Setting s = Setting.find("limits", key).orElseThrow();
    assertThat(project(key, "0").problems()).containsExactly(tooLoose(s, "0", "10"));
  }

  @Test
  void noGraceIsTheTightest() throws ConfigException {
    assertThat(project("kill_after_seconds", "0").settings().killAfter()).isZero();
  }

  @Test
  void whatIsOffMayBeLimited() throws ConfigException {
    scene.file(Scene.USER, "");
    assertThat(project("memory_max", "\"1G\"").settings().memoryMax()).hasValue(1L << 30);
    assertThat(project("cpu_max", "2").settings().cpuMax()).hasValue(2.0);
  }

  @ParameterizedTest
  @CsvSource({"kill, true", "with-parent, true", "keep, false"})
  void leftoversMayBeTreatedMoreStrictly(String policy, boolean tighter) throws ConfigException {
    scene.file(Scene.PROJECT, "leftovers.policy = \"" + policy + "\"");
    if (tighter) {
      assertThat(scene.show(Setting.LEFTOVERS)).isEqualTo(policy + " from " + AT);
    } else {
      assertThat(scene.problems())
          .containsExactly(tooLoose(Setting.LEFTOVERS, "keep", "with-parent"));
    }
  }

  @Test
  void moreLayersMayBeRequired() throws ConfigException {
    scene.file(Scene.PROJECT, "containment.require = [\"cpu\", \"timeout\", \"pids\"]");
    assertThat(scene.show(Setting.REQUIRE)).isEqualTo("cpu,timeout,pids from " + AT);
    scene.file(Scene.PROJECT, "containment.require = [\"cpu\", \"pids\"]");
    assertThat(scene.problems())
        .containsExactly(tooLoose(Setting.REQUIRE, "cpu,pids", "pids,timeout"));
    scene.file(Scene.PROJECT, "containment.require = []");
    assertThat(scene.problems()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"budget.name, mine, 10, other", "gateway.mode, off, 13, require"})
  void budgetAndGatewayMayNotBeChanged(String path, String same, int line, String other)
      throws ConfigException {
    scene.file(Scene.PROJECT, path + " = \"" + same + "\"");
    scene.load();
    scene.file(Scene.PROJECT, path + " = \"" + other + "\"");
    String source = same + " (" + Scene.USER + ":" + line + ")";
    assertThat(scene.problems())
        .containsExactly(
            AT + ": " + path + ": a project's file may not change it from " + source + REMEDY);
  }

  @Test
  void tighterThanTheDefaultIsNotTighterThanTheUsersOwn() {
    assertThat(project("timeout_seconds", "299").problems()).hasSize(1);
  }

  @Test
  void theUserMayLoosenAgain() throws ConfigException {
    project("timeout_seconds", "5").variable("GUARD_TIMEOUT", "1000");
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("1000 from GUARD_TIMEOUT");
  }

  @Test
  void tasksDoNotGrowWithProcessesThatWereNotLimited() throws ConfigException {
    scene.file(Scene.USER, "limits.max_processes = 0");
    int before = scene.settings().pidsMax().orElseThrow();
    assertThat(project("max_processes", "1000000").settings().pidsMax()).hasValue(before);
    assertThat(project("max_processes", "2").settings().pidsMax()).hasValue(64);
    scene.variable("GUARD_MAX_PROCESSES", "500");
    assertThat(scene.settings().pidsMax()).hasValue(16000);
  }

  @Test
  void theOrderInTheFileMakesNoDifference() throws ConfigException {
    scene.file(Scene.USER, "limits.max_processes = 10");
    scene.file(Scene.PROJECT, "limits.max_processes = 2", "limits.pids_max = 300");
    assertThat(scene.settings().pidsMax()).hasValue(300);
    scene.file(Scene.PROJECT, "limits.pids_max = 300", "limits.max_processes = 2");
    assertThat(scene.settings().pidsMax()).hasValue(300);
  }

  @Test
  void everyLooseningIsNamedAtOnce() {
    scene.file(
        Scene.PROJECT, "limits.cpu_max = 11", "limits.open_files = 0", "budget.name = \"x\"");
    assertThat(scene.problems()).hasSize(3);
  }

  private Scene project(String key, String value) {
    return scene.file(Scene.PROJECT, "limits." + key + " = " + value);
  }

  private static String tooLoose(Setting s, String value, String before) {
    int line = List.of(Setting.values()).indexOf(s) + 1;
    String source = before + " (" + Scene.USER + ":" + line + ")";
    return AT
        + ": "
        + s.path()
        + ": a project's file may only tighten, and "
        + value
        + " is looser than "
        + source
        + REMEDY;
  }
}
