package dev.guard.cli.exec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks the names that {@code --signal} takes, as kill(1) lists them. */
class SignalNamesTest {
  @ParameterizedTest
  @CsvSource({
    "HUP, 1",
    "SIGTERM, 15",
    "term, 15",
    "KILL, 9",
    "IO, 29",
    "PWR, 30",
    "SYS, 31",
    "STKFLT, 16",
    "RTMIN, 34",
    "SIGRTMIN+3, 37",
    "RTMAX, 64",
    "RTMAX-1, 63",
    "1, 1",
    "32, 32",
    "64, 64"
  })
  void areNumbers(String name, int number) {
    assertThat(SignalNames.of(name)).hasValue(number);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "SIG", "0", "65", "-9", "TERM ", "RTMIN+31", "RTMAX+1", "RTMIN-1", "EXIT"})
  void areNone(String text) {
    assertThat(SignalNames.of(text)).isEmpty();
  }
}
