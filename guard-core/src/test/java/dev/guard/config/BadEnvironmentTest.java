package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows that each problem in variables and flags is said. */
class BadEnvironmentTest {
  @TempDir Path folder;
  private SettingsScene scene;

  @BeforeEach
  void emptyScene() {
    scene = new SettingsScene(folder);
  }

  @ParameterizedTest
  @EnumSource(Setting.class)
  void aBadVariableIsNamedAndItsValueIsNot(Setting s) {
    scene.variable(s.variable(), "s3cret!");
    assertThat(scene.problems())
        .containsExactly(
            s.variable() + ": must be " + s.takes() + ", and is not; correct or unset it");
  }

  @ParameterizedTest
  @ValueSource(strings = {"CLAUDEX_MAX_PROCESSES", "CLAUDEX_RATE_LIMIT", "CLAUDEX_TIMEOUT"})
  void aBadVariableOfClaudexToo(String name) {
    assertThat(scene.variable(name, "s3cret!").problems())
        .singleElement()
        .asString()
        .startsWith(name + ": must be a")
        .endsWith(", and is not; correct or unset it");
  }

  @ParameterizedTest
  @EnumSource(names = "REQUIRE", mode = EnumSource.Mode.EXCLUDE)
  void anEmptyVariable(Setting s) {
    scene.variable(s.variable(), "");
    assertThat(scene.problems())
        .containsExactly(
            s.variable() + ": must be " + s.takes() + ", and is empty; correct or unset it");
  }

  @ParameterizedTest
  @EnumSource(Setting.class)
  void aBadFlagIsNamedWithItsValue(Setting s) {
    assertThat(scene.flag(s, "no!").problems())
        .containsExactly(s.flag() + ": must be " + s.takes() + ", not \"no!\"");
  }

  @ParameterizedTest
  @CsvSource({
    "GUARD_TIMOUT, GUARD_TIMEOUT",
    "GUARD_TIMEOUTS, GUARD_TIMEOUT",
    "GUARD_PID_MAX, GUARD_PIDS_MAX",
    "GUARD_MAX_PROCESES, GUARD_MAX_PROCESSES",
    "GUARD_CONFG, GUARD_CONFIG",
    "GUARD_REQIURE, GUARD_REQUIRE"
  })
  void aNearMiss(String name, String known) {
    assertThat(scene.variable(name, "s3cret!").problems())
        .containsExactly(
            name + ": unknown variable; did you mean " + known + "? Unset or rename it");
  }

  /** Made up from the key in a file, or from what others call the same. */
  @ParameterizedTest
  @CsvSource({
    "GUARD_TIMEOUT_SECONDS, GUARD_TIMEOUT",
    "GUARD_LIMITS_TIMEOUT_SECONDS, GUARD_TIMEOUT",
    "GUARD_LIMITS_TIMEOUT, GUARD_TIMEOUT",
    "GUARD_RATE_LIMIT_PER, GUARD_RATE_LIMIT",
    "GUARD_RATE_LIMIT_PER_SECOND, GUARD_RATE_LIMIT",
    "GUARD_BUDGET_NAME, GUARD_BUDGET",
    "GUARD_LEFTOVERS_POLICY, GUARD_LEFTOVERS",
    "GUARD_CONTAINMENT_REQUIRE, GUARD_REQUIRE",
    "GUARD_GATEWAY_MODE, GUARD_GATEWAY",
    "GUARD_MEMORY_LIMIT, GUARD_MEMORY_MAX",
    "GUARD_LIMITS_CPU_LIMIT, GUARD_CPU_MAX"
  })
  void aNameMadeUpFromTheKey(String name, String known) {
    assertThat(scene.variable(name, "s3cret!").problems())
        .containsExactly(
            name + ": unknown variable; did you mean " + known + "? Unset or rename it");
  }

  @ParameterizedTest
  @EnumSource(names = "RESERVE", mode = EnumSource.Mode.EXCLUDE)
  void everyKeyWithItsTable(Setting s) {
    String name = "GUARD_" + s.path().replace('.', '_').toUpperCase(Locale.ROOT);
    assertThat(scene.variable(name, "1").problems())
        .containsExactly(
            name + ": unknown variable; did you mean " + s.variable() + "? Unset or rename it");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GUARD_ID",
        "GUARD_MODE",
        "GUARD_NAME",
        "GUARD_POLICY",
        "GUARD_LIMITS",
        "GUARD_MEMORY",
        "GUARD_LIMITS_M",
        "GUARD_MODE_X",
        "GUARD_RATE_LIMIT_PER_SECOND_X",
        "GUARD_DIR",
        "GUARD_NOTIFY",
        "GUARD_",
        "GUARDTIMEOUT",
        "guard_timeout",
        "MY_GUARD_TIMEOUT"
      })
  void othersAreIgnored(String name) throws ConfigException {
    scene.variable(name, "x");
    assertThat(scene.settings()).isEqualTo(GuardConfig.defaults());
  }

  @Test
  void aFileThatIsMissing() {
    String remedy = "; correct it, or leave it out to use the usual files";
    scene.variable("GUARD_CONFIG", "/nowhere/s3cret!");
    assertThat(scene.problems())
        .containsExactly("GUARD_CONFIG: there is no file of the name it has" + remedy);
    scene.config(scene.path("/nowhere/x.toml"));
    assertThat(scene.problems())
        .containsExactly("--config: /nowhere/x.toml: there is no such file" + remedy);
  }

  @Test
  void anEmptyNameOfAFile() {
    assertThat(scene.variable("GUARD_CONFIG", "").problems())
        .containsExactly(
            "GUARD_CONFIG: there is no file of the name it has; correct it, or leave it out to use the usual files");
  }

  @Test
  void controlCharactersDoNotForgeLines() {
    assertThat(scene.flag(Setting.BUDGET, "x\nguard: all is well\u001b[2J\u0085").problems())
        .singleElement()
        .asString()
        .endsWith(", not \"x?guard: all is well?[2J?\"");
  }

  @Test
  void longValuesAreCut() {
    assertThat(scene.flag(Setting.TIMEOUT, "😀".repeat(1000)).problems())
        .singleElement()
        .asString()
        .endsWith(", not \"" + "😀".repeat(60) + "...\"");
  }
}
