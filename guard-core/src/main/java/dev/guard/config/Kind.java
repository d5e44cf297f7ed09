package dev.guard.config;

import dev.guard.LayerName;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names the kinds of value. Parsing answers empty for text that is none; the caller knows where the
 * text stood.
 */
sealed interface Kind {
  static Kind seconds() {
    return new Seconds();
  }

  static Kind cores() {
    return new Decimal(
        "a number of cores from 0 to 8192, with at most 9 decimal places",
        BigDecimal.valueOf(8192),
        true);
  }

  static Kind count(long max) {
    return new Decimal("a whole number from 0 to " + max, BigDecimal.valueOf(max), false);
  }

  static Kind choice(String... words) {
    return new Choice(List.of(words));
  }

  /** Says to people which values the kind takes. */
  String takes();

  /** Parses a text from a variable or a flag. */
  Optional<Value> parse(String text);

  /** Takes a value that a TOML file holds: Long, Double, Boolean, String, or a list of them. */
  Optional<Value> fromToml(Object toml);

  default List<String> choices() {
    return List.of();
  }

  /** Takes a time, fractions and exponents allowed as for timeout(1). */
  record Seconds() implements Kind {
    private static final BigDecimal MAX = BigDecimal.valueOf(315_360_000L);

    @Override
    public String takes() {
      return "a number of seconds from 0 to 315360000";
    }

    @Override
    public Optional<Value> parse(String text) {
      return Durations.parse(text).flatMap(Seconds::inRange);
    }

    @Override
    public Optional<Value> fromToml(Object toml) {
      boolean number = toml instanceof Long || toml instanceof Double;
      return number ? parse(toml.toString()) : Optional.empty();
    }

    private static Optional<Value> inRange(BigDecimal n) {
      return n.compareTo(MAX) <= 0 ? Optional.of(new Value.Amount(n)) : Optional.empty();
    }
  }

  record Decimal(String takes, BigDecimal max, boolean fractions) implements Kind {
    private static final Pattern WHOLE = Pattern.compile("[0-9]{1,18}");
    private static final Pattern DECIMAL =
        Pattern.compile("[0-9]{1,18}([.][0-9]{1,99})?([eE][+-]?[0-9]{1,3})?");
    private static final int DECIMAL_PLACES = 9;

    @Override
    public Optional<Value> parse(String text) {
      if (WHOLE.matcher(text).matches()) {
        return inRange(new BigDecimal(text));
      }
      return fractions && DECIMAL.matcher(text).matches()
          ? fraction(new BigDecimal(text))
          : Optional.empty();
    }

    @Override
    public Optional<Value> fromToml(Object toml) {
      if (toml instanceof Long n) {
        return inRange(BigDecimal.valueOf(n));
      }
      boolean finite = fractions && toml instanceof Double d && Double.isFinite(d);
      return finite ? fraction(BigDecimal.valueOf((Double) toml)) : Optional.empty();
    }

    /**
     * Takes a number no finer than a nanosecond, since a finer timeout would be none. Zeros at its
     * end do not count, since a double has them: that of 1e-9 is 1.0E-9.
     */
    private Optional<Value> fraction(BigDecimal number) {
      BigDecimal shortest = number.stripTrailingZeros();
      return shortest.scale() <= DECIMAL_PLACES ? inRange(shortest) : Optional.empty();
    }

    private Optional<Value> inRange(BigDecimal n) {
      return n.signum() >= 0 && n.compareTo(max) <= 0
          ? Optional.of(new Value.Amount(n))
          : Optional.empty();
    }
  }

  /** Takes bytes; a percentage stands for that part of the machine's memory. */
  record Size() implements Kind {
    private static final Pattern TEXT =
        Pattern.compile("([0-9]{1,18})([KMG%]?)", Pattern.CASE_INSENSITIVE);
    private static final BigDecimal MAX = BigDecimal.valueOf(1L << 60);

    @Override
    public String takes() {
      return "a whole number of bytes up to 2^60, one with K, M or G, or a percentage of RAM up to 100%";
    }

    @Override
    public Optional<Value> parse(String text) {
      Matcher m = TEXT.matcher(text);
      if (!m.matches()) {
        return Optional.empty();
      }
      BigDecimal n = new BigDecimal(m.group(1));
      String unit = m.group(2).toUpperCase(Locale.ROOT);
      if (unit.equals("%")) {
        return n.compareTo(BigDecimal.valueOf(100)) <= 0
            ? Optional.of(percent(n))
            : Optional.empty();
      }
      return inRange(
          n.multiply(BigDecimal.valueOf(1L << (10 * " KMG".indexOf(unit.isEmpty() ? " " : unit)))));
    }

    private static Value percent(BigDecimal n) {
      BigDecimal part = BigDecimal.valueOf(Machine.memoryBytes()).multiply(n);
      return new Value.Amount(part.divideToIntegralValue(BigDecimal.valueOf(100)));
    }

    @Override
    public Optional<Value> fromToml(Object toml) {
      if (toml instanceof Long n) {
        return inRange(BigDecimal.valueOf(n));
      }
      return toml instanceof String s ? parse(s) : Optional.empty();
    }

    private static Optional<Value> inRange(BigDecimal n) {
      return n.signum() >= 0 && n.compareTo(MAX) <= 0
          ? Optional.of(new Value.Amount(n))
          : Optional.empty();
    }
  }

  /** Takes a name that can also be a file's. */
  record Name() implements Kind {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    @Override
    public String takes() {
      return "a name of letters, digits, '.', '_' and '-', at most 64, not starting with '.', '_' or '-'";
    }

    @Override
    public Optional<Value> parse(String text) {
      return NAME.matcher(text).matches() ? Optional.of(new Value.Word(text)) : Optional.empty();
    }

    @Override
    public Optional<Value> fromToml(Object toml) {
      return toml instanceof String s ? parse(s) : Optional.empty();
    }
  }

  /** Takes one of a few words. */
  record Choice(List<String> choices) implements Kind {
    @Override
    public String takes() {
      return "one of " + String.join(", ", choices);
    }

    @Override
    public Optional<Value> parse(String text) {
      return choices.contains(text) ? Optional.of(new Value.Word(text)) : Optional.empty();
    }

    @Override
    public Optional<Value> fromToml(Object toml) {
      return toml instanceof String s ? parse(s) : Optional.empty();
    }
  }

  /** Takes true or false. */
  record Switch() implements Kind {
    static final Value ON = new Value.Word("true");
    static final Value OFF = new Value.Word("false");

    @Override
    public String takes() {
      return "true or false";
    }

    /** Lists false first: what is switched on gives more than what is off. */
    @Override
    public List<String> choices() {
      return List.of(OFF.toString(), ON.toString());
    }

    @Override
    public Optional<Value> parse(String text) {
      return choices().contains(text) ? Optional.of(new Value.Word(text)) : Optional.empty();
    }

    @Override
    public Optional<Value> fromToml(Object toml) {
      return toml instanceof Boolean on ? Optional.of(on ? ON : OFF) : Optional.empty();
    }
  }

  /** Takes names of layers: separated by commas in a variable or flag, a list in a file. */
  record LayerSet() implements Kind {
    private static final List<String> NAMES =
        Arrays.stream(LayerName.values()).map(LayerName::text).toList();

    @Override
    public String takes() {
      return "a list out of " + String.join(", ", NAMES);
    }

    @Override
    public Optional<Value> parse(String text) {
      return layers(text.isEmpty() ? List.of() : List.of(text.split(",", -1)));
    }

    @Override
    public Optional<Value> fromToml(Object toml) {
      if (!(toml instanceof List<?> list)) {
        return Optional.empty();
      }
      List<String> words = new ArrayList<>();
      for (Object o : list) {
        if (!(o instanceof String s)) {
          return Optional.empty();
        }
        words.add(s);
      }
      return layers(words);
    }

    private static Optional<Value> layers(List<String> words) {
      return NAMES.containsAll(words)
          ? Optional.of(new Value.Words(words.stream().distinct().toList()))
          : Optional.empty();
    }
  }
}
