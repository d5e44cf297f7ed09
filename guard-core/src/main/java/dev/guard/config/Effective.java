package dev.guard.config;

import dev.guard.LayerName;
import dev.guard.Leftovers;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Holds the settings in force and where each came from.
 *
 * @param config the settings
 * @param entries one for every setting
 * @param notices a line for each thing that stands in a project's file and was not taken
 */
public record Effective(GuardConfig config, List<ShownSetting> entries, List<String> notices) {
  /**
   * Shows one setting to people.
   *
   * @param value the value as the flag would take it, 0 for off
   * @param where the file and line, the variable, the flag, or built-in
   */
  public record ShownSetting(Setting setting, String value, String where) {}

  /** Finds what is in force for one setting. */
  public ShownSetting entry(Setting setting) {
    return entries.stream().filter(e -> e.setting() == setting).findFirst().orElseThrow();
  }

  /**
   * Answers the settings for a session. Where nobody has said what ends at its limit of memory, it
   * is one process: a session has an agent and a shell beside whatever was too greedy.
   */
  public Effective ofSession() {
    return entry(Setting.MEMORY_OOM).where().startsWith("built-in")
        ? new Effective(config.with(GuardConfig.MemoryOom.PROCESS), entries, notices)
        : this;
  }

  /** Answers the settings of a command that is to stay, and has no use for a reserve. */
  public Effective withoutReserve() {
    return new Effective(config.withoutReserve(), entries, notices);
  }

  /** Makes the settings in force from an entry for every setting. */
  static Effective of(Map<Setting, Entry> all, List<String> notices, boolean ofProgram) {
    List<ShownSetting> shown = new ArrayList<>();
    all.values()
        .forEach(e -> shown.add(new ShownSetting(e.setting(), e.value().toString(), e.where())));
    Sources sources = ofProgram ? Sources.ofProgram(all) : Sources.ofCommandLine(all);
    return new Effective(config(all, sources), List.copyOf(shown), notices);
  }

  private static GuardConfig config(Map<Setting, Entry> all, Sources sources) {
    return new GuardConfig(
        limit(all, Setting.MAX_PROCESSES).map(BigDecimal::intValueExact),
        limit(all, Setting.USER_MAX_PROCESSES).map(BigDecimal::intValueExact),
        limit(all, Setting.RATE_LIMIT).map(BigDecimal::intValueExact),
        limit(all, Setting.TIMEOUT).map(Effective::duration),
        limit(all, Setting.KILL_AFTER).map(Effective::duration).orElse(Duration.ZERO),
        limit(all, Setting.PIDS_MAX).map(BigDecimal::intValueExact),
        limit(all, Setting.OPEN_FILES).map(BigDecimal::intValueExact),
        limit(all, Setting.MEMORY_MAX).map(BigDecimal::longValueExact),
        GuardConfig.MemoryOom.valueOf(constant(word(all, Setting.MEMORY_OOM))),
        limit(all, Setting.CPU_MAX).map(BigDecimal::doubleValue),
        limit(all, Setting.CPU_TIME).map(Effective::duration),
        word(all, Setting.BUDGET),
        all.get(Setting.RESERVE).value().equals(Kind.Switch.ON),
        Leftovers.valueOf(constant(word(all, Setting.LEFTOVERS))),
        layers(all.get(Setting.REQUIRE)),
        GuardConfig.Drift.valueOf(constant(word(all, Setting.DRIFT))),
        GuardConfig.Gateway.valueOf(constant(word(all, Setting.GATEWAY))),
        limit(all, Setting.IDLE_EXIT).map(Effective::duration),
        GuardConfig.MessageLevel.valueOf(constant(word(all, Setting.MESSAGES))),
        sources);
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
