package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.OsString;
import dev.guard.value.Environment;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;

/**
 * Reads settings of any shape: each problem is one short line, nothing else is thrown, and no value
 * is taken that does not stand there. Each try has {@code settings-fuzz.each} of them.
 */
class SettingsFuzzTest {
  private static final int EACH = Integer.getInteger("settings-fuzz.each", 1);
  private static final int TRIES = 5_000;
  private static final TomlFile.Role[] ROLES = TomlFile.Role.values();
  private static final String FILE = "/x/config.toml";
  private static final Pattern WORD = Pattern.compile("[0-9A-Za-z_.+%-]+");

  private static final String[] PIECES = {
    "[limits]\n",
    "[budgets.build]\n",
    "[ceiling]\n",
    "[features.process_protection]\n",
    "[containment]\n",
    "[leftovers]\n",
    "limits",
    "budgets",
    "timeout_seconds",
    "max_processes",
    "memory_max",
    "policy",
    "require",
    "rate_limit_per_second",
    " = ",
    "=",
    ".",
    ",",
    "\n",
    "\r\n",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "\"",
    "'",
    "\"\"\"",
    "'''",
    "\\",
    "# x",
    "0",
    "1",
    "-1",
    "5.5",
    "1e-9",
    "1e300",
    "nan",
    "inf",
    "'512M'",
    "'25%'",
    "true",
    "1979-05-27",
    "\"kill\"",
    "['pids']",
    "\"a\u202eb\" = 1\n",
    "\nleftovers.policy = '\u2028'\n",
    "9223372036854775807",
    "99999999999999999999",
    "0x10",
    "1_000",
    "é",
    "\u202e",
    "\u0000",
    "k"
  };

  private static final String[] VALUES = {
    "",
    "0",
    "1",
    "32",
    "4194304",
    "4194305",
    "1.5",
    "1e-9",
    "1e-10",
    "0.0000000001",
    "1e308",
    "-1",
    "+1",
    " 1",
    "1 ",
    "1_000",
    "NaN",
    "Infinity",
    "0x10",
    "512M",
    "1g",
    "25%",
    "101%",
    "1T",
    "kill",
    "keep",
    "with-parent",
    "pids",
    "pids,cpu",
    "pids,",
    "build",
    "../x",
    "auto",
    "require",
    "off",
    "return",
    "\u0661",
    "1\n",
    "315360000",
    "315360000.1",
    "8192",
    "1152921504606846977"
  };

  @Provide
  Arbitrary<List<String>> texts() {
    Arbitrary<String> soup =
        Arbitraries.of(PIECES).list().ofMaxSize(25).map(l -> String.join("", l));
    Arbitrary<String> lines =
        Combinators.combine(Arbitraries.of(Setting.values()), Arbitraries.of(VALUES))
            .as((s, v) -> s.path() + " = " + v)
            .list()
            .ofMaxSize(4)
            .map(l -> String.join("\n", l));
    Arbitrary<String> repeated =
        Combinators.combine(Arbitraries.of(PIECES), Arbitraries.integers().between(1, 400))
            .as((piece, n) -> "a = " + piece.repeat(n));
    Arbitrary<String> any = Arbitraries.strings().all().ofMaxLength(60);
    return Arbitraries.frequencyOf(
            Tuple.of(5, soup),
            Tuple.of(4, lines.flatMap(SettingsFuzzTest::mutated)),
            Tuple.of(1, any),
            Tuple.of(1, repeated))
        .list()
        .ofSize(EACH);
  }

  private static Arbitrary<String> mutated(String text) {
    return Combinators.combine(
            Arbitraries.integers().between(0, text.length()),
            Arbitraries.integers().between(0, 3),
            Arbitraries.of(PIECES))
        .as(
            (at, cut, piece) ->
                text.substring(0, at) + piece + text.substring(Math.min(at + cut, text.length())));
  }

  @Provide
  Arbitrary<List<List<Tuple2<String, String>>>> environments() {
    Arbitrary<String> known =
        Arbitraries.of(Setting.values()).map(Setting::variable).injectDuplicates(0.1);
    Arbitrary<String> claudex =
        Arbitraries.of("CLAUDEX_MAX_PROCESSES", "CLAUDEX_RATE_LIMIT", "CLAUDEX_TIMEOUT");
    Arbitrary<String> other =
        Arbitraries.strings().withChars("ADEIMOSTX_").ofMaxLength(12).map(n -> "GUARD_" + n);
    Arbitrary<String> value =
        Arbitraries.oneOf(
            Arbitraries.of(VALUES),
            Arbitraries.strings().withChars("0123456789.eE+-KMG%, \u0660").ofMaxLength(14));
    return Combinators.combine(Arbitraries.oneOf(known, claudex, other), value)
        .as(Tuple::of)
        .list()
        .uniqueElements(Tuple2::get1)
        .ofMaxSize(3)
        .list()
        .ofSize(EACH);
  }

  private static final BigDecimal NANOSECOND = BigDecimal.ONE.movePointLeft(9);

  @Property(tries = TRIES)
  void files(@ForAll("texts") List<String> texts) {
    for (String text : texts) {
      Problems problems = new Problems();
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      TomlFile.Role role = ROLES[Math.floorMod(text.hashCode(), ROLES.length)];
      TomlSource.Content content = TomlSource.read(bytes, FILE, role, false, problems);
      Layers layers = new Layers(problems);
      layers.add(content);
      assertThat(layers.effective().entries()).hasSize(Setting.values().length);
      assertLines(problems);
      entries(content).forEach(e -> assertThat(isIn(text, e)).as("%s in %s", e, text).isTrue());
    }
  }

  private static Stream<Entry> entries(TomlSource.Content c) {
    return Stream.of(
            c.settings().stream(),
            c.claudex().stream(),
            c.ceilings().stream(),
            c.budgets().stream().map(TomlSource.OfBudget::entry))
        .flatMap(s -> s);
  }

  /** Whether the line that an entry names has its key, and what follows has its value. */
  private static boolean isIn(String text, Entry e) {
    List<String> lines = List.of(text.split("\n", -1));
    int line = Integer.parseInt(e.where().substring(FILE.length() + 1)) - 1;
    String rest = String.join("\n", lines.subList(line, lines.size()));
    boolean hasValue =
        e.value() instanceof Value.Amount a
            ? WORD.matcher(rest).results().anyMatch(m -> isMeant(m.group(), a.number()))
            : Stream.of(e.value().toString().split(",")).allMatch(rest::contains);
    return lines.get(line).contains(e.setting().key()) && hasValue;
  }

  /** Whether a word stands for a number in a file, read in a way of its own. */
  private static boolean isMeant(String word, BigDecimal number) {
    String plain = word.replace("_", "").replaceFirst("^\\+", "");
    try {
      if (plain.startsWith("0x") || plain.startsWith("0o") || plain.startsWith("0b")) {
        int radix = plain.charAt(1) == 'x' ? 16 : plain.charAt(1) == 'o' ? 8 : 2;
        return new BigDecimal(new BigInteger(plain.substring(2), radix)).compareTo(number) == 0;
      }
      BigDecimal meant = size(plain);
      return meant.compareTo(number) == 0 || upToNanoseconds(meant).compareTo(number) == 0;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** Rounds as times are; what is larger than each of them is left as it is. */
  private static BigDecimal upToNanoseconds(BigDecimal seconds) {
    if (seconds.signum() > 0 && seconds.compareTo(NANOSECOND) < 0) {
      return NANOSECOND;
    }
    boolean isTime =
        seconds.signum() > 0 && seconds.compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) < 0;
    return isTime ? seconds.setScale(9, RoundingMode.UP) : seconds;
  }

  private static BigDecimal size(String text) {
    int last = text.length() - 1;
    String digits = text.substring(0, Math.max(last, 0));
    return switch (text.charAt(last)) {
      case 'K', 'k' -> new BigDecimal(digits).multiply(BigDecimal.valueOf(1 << 10));
      case 'M', 'm' -> new BigDecimal(digits).multiply(BigDecimal.valueOf(1 << 20));
      case 'G', 'g' -> new BigDecimal(digits).multiply(BigDecimal.valueOf(1 << 30));
      case '%' ->
          new BigDecimal(digits)
              .multiply(BigDecimal.valueOf(Machine.memoryBytes()))
              .divideToIntegralValue(BigDecimal.valueOf(100));
      default -> new BigDecimal(text);
    };
  }

  @Property(tries = TRIES)
  void variables(@ForAll("environments") List<List<Tuple2<String, String>>> environments) {
    for (List<Tuple2<String, String>> all : environments) {
      Problems problems = new Problems();
      Layers layers = new Layers(problems);
      Environment environment =
          new Environment(all.stream().map(v -> OsString.of(v.get1() + "=" + v.get2())).toList());
      TextSource.claudexVariables(environment, problems).forEach(layers::addClaudex);
      TextSource.guardVariables(environment, problems).forEach(layers::add);
      Effective effective = layers.effective();
      List<String> lines = assertLines(problems);
      for (Tuple2<String, String> variable : all) {
        assertMeant(variable.get1(), variable.get2(), effective, lines);
      }
    }
  }

  /** A variable of a setting is taken as it stands, or there is a line about it. */
  private static void assertMeant(
      String name, String text, Effective effective, List<String> lines) {
    boolean isRefused = lines.stream().anyMatch(l -> l.startsWith(name + ": "));
    for (Effective.ShownSetting shown : effective.entries()) {
      // A profile that no file has is shown, and refused.
      if (shown.where().equals(name) && shown.setting() != Setting.PROFILE) {
        boolean isMeant =
            shown.value().equals(text)
                || isMeant(
                    text, new BigDecimal(shown.value().matches("[0-9.]+") ? shown.value() : "-1"));
        assertThat(isMeant && !isRefused).as("%s=%s: %s", name, text, shown).isTrue();
      }
    }
    boolean isSetting = Stream.of(Setting.values()).anyMatch(s -> s.variable().equals(name));
    boolean isTaken = effective.entries().stream().anyMatch(s -> s.where().equals(name));
    assertThat(isSetting && !isTaken && !isRefused).as("%s=%s is lost", name, text).isFalse();
  }

  private static List<String> assertLines(Problems problems) {
    List<String> all = new ArrayList<>(problems.notes());
    try {
      problems.throwIfAny();
    } catch (ConfigException e) {
      all.addAll(e.problems());
    }
    assertThat(all).hasSizeLessThanOrEqualTo(42);
    for (String line : all) {
      assertThat(line).hasSizeLessThan(600).doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");
    }
    return all;
  }
}
