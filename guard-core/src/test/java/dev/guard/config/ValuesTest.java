package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.LayerName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows that each text means one value, or is told to be none. */
class ValuesTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "1k, 1024",
    "512K, 524288",
    "3M, 3145728",
    "2G, 2147483648",
    "1073741824G, 1152921504606846976"
  })
  void sizes(String text, long bytes) throws ConfigException {
    assertThat(with(Setting.MEMORY_MAX, text).memoryMax()).hasValue(bytes);
  }

  @Test
  void aPercentageIsOfTheMachinesMemory() throws ConfigException, IOException {
    String total =
        Files.readAllLines(Path.of("/proc/meminfo")).stream()
            .filter(l -> l.startsWith("MemTotal:"))
            .findFirst()
            .orElseThrow();
    long bytes = Long.parseLong(total.replaceAll("\\D", "")) * 1024;
    assertThat(with(Setting.MEMORY_MAX, "100%").memoryMax()).hasValue(bytes);
    assertThat(with(Setting.MEMORY_MAX, "25%").memoryMax()).hasValue(bytes / 4);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "G", "1T", "1GB", "1.5G", "-1", "101%", "50 %", " 1G", "1073741825G", "x"})
  void notSizes(String text) {
    assertRefused(Setting.MEMORY_MAX, text);
  }

  @Test
  void seconds() throws ConfigException {
    assertThat(with(Setting.TIMEOUT, "0.000000001").timeout()).hasValue(Duration.ofNanos(1));
    assertThat(with(Setting.TIMEOUT, "315360000").timeout()).hasValue(Duration.ofDays(3650));
    assertThat(with(Setting.TIMEOUT, "1e3").timeout()).hasValue(Duration.ofSeconds(1000));
    assertThat(with(Setting.KILL_AFTER, "1.5E-1").killAfter()).hasMillis(150);
  }

  /** Rounded down it would be 0, which is no limit. */
  @ParameterizedTest
  @ValueSource(strings = {"1e-100", "0.0000000001", "1e-9", "1e-999999999", "0.00000000099"})
  void aTimeSmallerThanANanosecondIsOne(String text) throws ConfigException {
    assertThat(with(Setting.TIMEOUT, text).timeout()).hasValue(Duration.ofNanos(1));
  }

  @Test
  void aTimeIsRoundedUpToNanoseconds() throws ConfigException {
    assertThat(with(Setting.TIMEOUT, "1.0000000001").timeout())
        .hasValue(Duration.ofSeconds(1).plusNanos(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e-9", "1.5e-8", "0.000000001", "1e3", "2.50", "1e8", "0.0", "1e0"})
  void aNumberIsTheSameInAFileAndInAVariable(String text) throws ConfigException {
    SettingsScene inFile =
        new SettingsScene(folder).file(SettingsScene.USER, "limits.timeout_seconds = " + text);
    SettingsScene inVariable = new SettingsScene(folder).config(inFile.path("/none"));
    inVariable.file("/none", "").variable("GUARD_TIMEOUT", text);
    assertThat(inFile.settings().timeout()).isEqualTo(inVariable.settings().timeout());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "e5",
        "1e",
        "1e999999999",
        "1e9999999999",
        "-1",
        "+1",
        "1e9",
        "1e+",
        "1e1000",
        ".5",
        "5.",
        "NaN",
        "inf",
        "Infinity",
        "5s",
        "0x5",
        " 5",
        "1,5",
        "315360001",
        "99999999999999999999999999",
        "١"
      })
  void notSeconds(String text) {
    assertRefused(Setting.TIMEOUT, text);
    assertRefused(Setting.KILL_AFTER, text);
  }

  @ParameterizedTest
  @EnumSource(
      names = {"MAX_PROCESSES", "USER_MAX_PROCESSES", "RATE_LIMIT", "PIDS_MAX", "OPEN_FILES"})
  void countsAreWhole(Setting s) {
    assertRefused(s, "1.5");
    assertRefused(s, "1.0");
    assertRefused(s, "-1");
    assertRefused(s, "2147483648");
  }

  @Test
  void cores() throws ConfigException {
    assertThat(with(Setting.CPU_MAX, "1.5").cpuMax()).hasValue(1.5);
    assertRefused(Setting.CPU_MAX, "8193");
    assertRefused(Setting.CPU_MAX, "50%");
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "BUDGET",
        "RESERVE",
        "MEMORY_OOM",
        "LEFTOVERS",
        "REQUIRE",
        "DRIFT",
        "GATEWAY",
        "MESSAGES",
        "PROFILE",
        "SHELL_UNAVAILABLE",
        "KILL_AFTER"
      },
      mode = EnumSource.Mode.EXCLUDE)
  void zeroTurnsALimitOff(Setting s) throws ConfigException {
    GuardConfig off = with(s, "0");
    assertThat(
            switch (s) {
              case MAX_PROCESSES -> off.maxProcesses();
              case USER_MAX_PROCESSES -> off.userMaxProcesses();
              case RATE_LIMIT -> off.rateLimitPerSecond();
              case TIMEOUT -> off.timeout();
              case PIDS_MAX -> off.pidsMax();
              case OPEN_FILES -> off.openFiles();
              case MEMORY_MAX -> off.memoryMax();
              case CPU_MAX -> off.cpuMax();
              case CPU_TIME -> off.cpuTime();
              case IDLE_EXIT -> off.idleExit();
              default -> throw new AssertionError(s);
            })
        .isEqualTo(Optional.empty());
  }

  @Test
  void zeroGraceIsKillAtOnce() throws ConfigException {
    assertThat(with(Setting.KILL_AFTER, "0").killAfter()).isZero();
  }

  @Test
  void tasksFollowProcesses() throws ConfigException {
    int processes = GuardConfig.defaults().maxProcesses().orElseThrow();
    assertThat(with(Setting.MAX_PROCESSES, "3").pidsMax()).hasValue(96);
    assertThat(with(Setting.MAX_PROCESSES, "4194304").pidsMax()).hasValue(4194304);
    assertThat(with(Setting.MAX_PROCESSES, "0").pidsMax()).hasValue(32 * processes);
  }

  @Test
  void listsOfLayers() throws ConfigException {
    String all = String.join(",", Arrays.stream(LayerName.values()).map(LayerName::text).toList());
    assertThat(with(Setting.REQUIRE, all).require()).containsExactlyInAnyOrder(LayerName.values());
    assertThat(with(Setting.REQUIRE, "cpu,cpu").require()).isEqualTo(Set.of(LayerName.CPU));
    assertThat(with(Setting.REQUIRE, "").require()).isEmpty();
    assertRefused(Setting.REQUIRE, "pids,");
    assertRefused(Setting.REQUIRE, "PIDS");
    assertRefused(Setting.REQUIRE, "pids memory");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "-x", "a/b", "a b", "é", "a\n"})
  void namesOfBudgetsAreSafeNamesOfFiles(String text) {
    assertRefused(Setting.BUDGET, text);
    assertRefused(Setting.BUDGET, "x".repeat(65));
  }

  private static GuardConfig with(Setting s, String text) throws ConfigException {
    return GuardConfig.defaultsWith(Map.of(s, text));
  }

  private static void assertRefused(Setting s, String text) {
    assertThatThrownBy(() -> with(s, text))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(s.flag() + ": must be " + s.takes() + ", not \"");
  }
}
