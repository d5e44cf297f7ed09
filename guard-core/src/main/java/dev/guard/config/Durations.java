package dev.guard.config;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads times as people write them: a number of seconds, e.g. {@code 300}, {@code 0.5}, {@code
 * 1e-3}.
 */
public final class Durations {
  private static final Pattern TEXT =
      Pattern.compile("[0-9]{1,40}([.][0-9]{1,400})?([eE][+-]?[0-9]{1,9})?");
  private static final BigDecimal NANOSECOND = BigDecimal.ONE.movePointLeft(9);
  // This is above every time that a setting takes; with a larger exponent a number would fill the
  // memory.
  private static final BigDecimal LARGEST = BigDecimal.valueOf(Integer.MAX_VALUE);

  private Durations() {}

  /**
   * Reads the seconds that a text stands for, rounded up to a nanosecond, so that a time greater
   * than zero is never none; empty when it is no number of seconds from 0 to 2147483647.
   */
  static Optional<BigDecimal> parse(String text) {
    if (!TEXT.matcher(text).matches()) {
      return Optional.empty();
    }
    BigDecimal seconds = new BigDecimal(text);
    if (seconds.signum() == 0) {
      return Optional.of(BigDecimal.ZERO);
    }
    if (seconds.compareTo(NANOSECOND) < 0) {
      return Optional.of(NANOSECOND);
    }
    return seconds.compareTo(LARGEST) > 0
        ? Optional.empty()
        : Optional.of(seconds.setScale(9, RoundingMode.UP).stripTrailingZeros());
  }

  /**
   * Reads the time that a text stands for; empty when it is no number of seconds from 0 to
   * 2147483647.
   */
  public static Optional<Duration> seconds(String text) {
    return parse(text).map(s -> Duration.ofNanos(s.movePointRight(9).longValueExact()));
  }
}
