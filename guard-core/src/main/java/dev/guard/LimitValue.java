package dev.guard;

import java.math.BigDecimal;
import java.time.Duration;

/**
 * Holds an amount that a limit allows.
 *
 * @param amount the number in the unit, without zeros at its end
 * @param unit the unit of the number
 */
public record LimitValue(BigDecimal amount, LimitUnit unit) {
  /** Takes zeros away, so that equal amounts are equal values. */
  public LimitValue {
    amount = amount.stripTrailingZeros();
  }

  /**
   * Answers the amount as a whole number, e.g. of bytes.
   *
   * @throws ArithmeticException when the amount is no whole number
   */
  public long asLong() {
    return amount.longValueExact();
  }

  /**
   * Answers the amount as a time.
   *
   * @throws IllegalStateException when the unit is not {@link LimitUnit#SECONDS}
   */
  public Duration asDuration() {
    if (unit != LimitUnit.SECONDS) {
      throw new IllegalStateException(this + " is no time");
    }
    return Duration.ofNanos(amount.movePointRight(9).longValue());
  }

  @Override
  public String toString() {
    return amount.toPlainString() + " " + unit.text();
  }
}
