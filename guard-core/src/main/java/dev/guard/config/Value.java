package dev.guard.config;

import java.math.BigDecimal;
import java.util.List;

/** The value of one setting after its text was understood. */
sealed interface Value {
  /** A number in the setting's unit: processes, starts, seconds, bytes or cores. */
  record Amount(BigDecimal number) implements Value {
    boolean isZero() {
      return number.signum() == 0;
    }

    @Override
    public String toString() {
      return number.stripTrailingZeros().toPlainString();
    }
  }

  /** One word. */
  record Word(String word) implements Value {
    @Override
    public String toString() {
      return word;
    }
  }

  /** Several words. */
  record Words(List<String> words) implements Value {
    @Override
    public String toString() {
      return String.join(",", words);
    }
  }
}
