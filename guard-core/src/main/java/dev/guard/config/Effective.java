package dev.guard.config;

import dev.guard.LayerName;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The settings in force and where each came from.
 *
 * @param config the settings
 * @param entries one for every setting
 */
public record Effective(GuardConfig config, List<Shown> entries) {
  private static final int TASKS_PER_PROCESS = 32;
  private static final String BUILT_IN = "built-in";

  /**
   * One setting for people.
   *
   * @param value as it would stand in a file, 0 for off
   * @param where the file and line, the variable, the flag, or built-in
   */
  public record Shown(Setting setting, String value, String where) {}

  static Effective of(Map<Setting, Entry> given) {
    Map<Setting, Entry> all = new EnumMap<>(Setting.class);
    for (Setting s : Setting.values()) {
      all.put(s, given.containsKey(s) ? given.get(s) : resolve(s, given, Map.of()));
    }
    List<Shown> shown = new ArrayList<>();
    all.values().forEach(e -> shown.add(new Shown(e.setting(), e.value().toString(), e.where())));
    return new Effective(config(all), List.copyOf(shown));
  }

  /** What a setting is, given what was set under Guard's names and under claudex's. */
  static Entry resolve(Setting s, Map<Setting, Entry> guard, Map<Setting, Entry> claudex) {
    if (guard.containsKey(s)) {
      return guard.get(s);
    }
    if (claudex.containsKey(s)) {
      return claudex.get(s);
    }
    boolean fromClaudex = !claudex.isEmpty() && !guard.containsKey(Setting.MAX_PROCESSES);
    if (s == Setting.MAX_PROCESSES && fromClaudex) {
      return new Entry(s, amount(2L * Machine.cores()), "built-in of claudex, 2 x cores", true);
    }
    if (s == Setting.PIDS_MAX) {
      Entry processes = resolve(Setting.MAX_PROCESSES, guard, claudex);
      if (fromClaudex) {
        return new Entry(s, processes.value(), processes.where() + ", as claudex has it", true);
      }
      boolean off = ((Value.Amount) processes.value()).isZero();
      BigDecimal count = off ? defaultProcesses() : ((Value.Amount) processes.value()).number();
      BigDecimal tasks =
          count.multiply(BigDecimal.valueOf(TASKS_PER_PROCESS)).min(BigDecimal.valueOf(4_194_304));
      return new Entry(s, new Value.Amount(tasks), BUILT_IN + ", 32 x max_processes", true);
    }
    return new Entry(s, builtIn(s), BUILT_IN, true);
  }

  private static Value builtIn(Setting s) {
    return switch (s) {
      case MAX_PROCESSES -> new Value.Amount(defaultProcesses());
      case RATE_LIMIT, KILL_AFTER -> amount(5);
      case TIMEOUT -> amount(300);
      case OPEN_FILES -> amount(16384);
      case MEMORY_MAX, CPU_MAX -> amount(0);
      case BUDGET -> new Value.Word("default");
      case LEFTOVERS -> new Value.Word("kill");
      case GATEWAY -> new Value.Word("auto");
      case REQUIRE -> new Value.Words(List.of());
      case PIDS_MAX -> throw new AssertionError("derived from max_processes");
    };
  }

  private static BigDecimal defaultProcesses() {
    return BigDecimal.valueOf(Math.max(2 * Machine.cores(), 32));
  }

  private static Value amount(long n) {
    return new Value.Amount(BigDecimal.valueOf(n));
  }

  private static GuardConfig config(Map<Setting, Entry> all) {
    return new GuardConfig(
        limit(all, Setting.MAX_PROCESSES).map(BigDecimal::intValueExact),
        limit(all, Setting.RATE_LIMIT).map(BigDecimal::intValueExact),
        limit(all, Setting.TIMEOUT).map(Effective::duration),
        limit(all, Setting.KILL_AFTER).map(Effective::duration).orElse(Duration.ZERO),
        limit(all, Setting.PIDS_MAX).map(BigDecimal::intValueExact),
        limit(all, Setting.OPEN_FILES).map(BigDecimal::intValueExact),
        limit(all, Setting.MEMORY_MAX).map(BigDecimal::longValueExact),
        limit(all, Setting.CPU_MAX).map(BigDecimal::doubleValue),
        word(all, Setting.BUDGET),
        GuardConfig.Leftovers.valueOf(constant(word(all, Setting.LEFTOVERS))),
        layers(all.get(Setting.REQUIRE)),
        GuardConfig.Gateway.valueOf(constant(word(all, Setting.GATEWAY))));
  }

  private static Optional<BigDecimal> limit(Map<Setting, Entry> all, Setting s) {
    Value.Amount amount = (Value.Amount) all.get(s).value();
    return amount.isZero() ? Optional.empty() : Optional.of(amount.number());
  }

  private static Duration duration(BigDecimal seconds) {
    return Duration.ofNanos(seconds.movePointRight(9).longValue());
  }

  private static String word(Map<Setting, Entry> all, Setting s) {
    return ((Value.Word) all.get(s).value()).word();
  }

  private static String constant(String word) {
    return word.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  private static Set<LayerName> layers(Entry entry) {
    Set<LayerName> layers = EnumSet.noneOf(LayerName.class);
    ((Value.Words) entry.value()).words().forEach(w -> layers.add(LayerName.valueOf(constant(w))));
    return Set.copyOf(layers);
  }
}
