package dev.guard.config;

import java.math.BigDecimal;
import java.util.List;

/** Holds the value of one setting after its text was understood. */
sealed interface Value {
  /** Holds a number in the setting's unit: processes, starts, seconds, bytes or cores. */
  record Amount(BigDecimal number) implements Value {
    boolean isZero() {
      return number.signum() == 0;
    }

    @Override
    public String toString() {
      return number.stripTrailingZeros().toPlainString();
    }
  }

  /** Holds one word. */
  record Word(String word) implements Value {
    @Override
    public String toString() {
      return word;
    }
  }

  /** Holds several words. */
  record Words(List<String> words) implements Value {
    @Override
    public String toString() {
      return String.join(",", words);
    }
  }
}
