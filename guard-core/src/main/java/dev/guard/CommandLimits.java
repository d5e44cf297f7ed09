package dev.guard;

import dev.guard.config.ProgramSettings;
import dev.guard.config.Setting;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Holds limits of commands. A limit that is not set is the {@link Guard}'s for a request, and for a
 * Guard the user's settings or the built-in values, see docs/limits.md. Immutable: each method
 * returns a changed copy. A value that is out of range is an {@link IllegalArgumentException}.
 *
 * <pre>{@code
 * CommandLimits limits =
 *     CommandLimits.defaults().timeout(Duration.ofMinutes(2)).memoryMax(512L << 20).pidsMax(200);
 * }</pre>
 */
public final class CommandLimits {
  private static final CommandLimits DEFAULTS = new CommandLimits(Map.of());
  private static final int FINEST = 9;

  private final Map<Setting, String> changes;

  private CommandLimits(Map<Setting, String> changes) {
    this.changes = changes;
  }

  /**
   * Answers limits that change nothing: those of the Guard stay in force, and where the Guard has
   * none of its own the built-in ones, such as 300 s, 1024 tasks and 5 starts per second.
   */
  public static CommandLimits defaults() {
    return DEFAULTS;
  }

  /** Limits the wall time from the release to TERM; positive. */
  public CommandLimits timeout(Duration time) {
    return with(Setting.TIMEOUT, positive(Setting.TIMEOUT, seconds(time)));
  }

  /** Sets the grace between TERM and KILL; with zero KILL is sent at once. */
  public CommandLimits killAfter(Duration time) {
    return with(Setting.KILL_AFTER, seconds(time));
  }

  /** Limits the processor time of the whole tree; positive. */
  public CommandLimits cpuTime(Duration time) {
    return with(Setting.CPU_TIME, positive(Setting.CPU_TIME, seconds(time)));
  }

  /** Limits the memory of the whole tree in bytes, swap included; 1 or more. */
  public CommandLimits memoryMax(long bytes) {
    return with(Setting.MEMORY_MAX, positive(Setting.MEMORY_MAX, BigDecimal.valueOf(bytes)));
  }

  /** Limits processor time per wall time, in cores, e.g. 1.5; positive. */
  public CommandLimits cpuMax(double cores) {
    if (!Double.isFinite(cores)) {
      throw new IllegalArgumentException(
          ProgramSettings.method(Setting.CPU_MAX) + " takes a number of cores, not " + cores);
    }
    BigDecimal rounded = BigDecimal.valueOf(cores).setScale(FINEST, RoundingMode.HALF_UP);
    return with(Setting.CPU_MAX, positive(Setting.CPU_MAX, rounded));
  }

  /** Limits the tasks of the whole tree at one time; threads count; 1 or more. */
  public CommandLimits pidsMax(int tasks) {
    return with(Setting.PIDS_MAX, positive(Setting.PIDS_MAX, BigDecimal.valueOf(tasks)));
  }

  /**
   * Limits the open files of each process; 1 or more. The limit is never raised above what this
   * program has.
   */
  public CommandLimits openFiles(int files) {
    return with(Setting.OPEN_FILES, positive(Setting.OPEN_FILES, BigDecimal.valueOf(files)));
  }

  /** Limits the live processes in the budget, above which a new command is refused; 1 or more. */
  public CommandLimits maxProcesses(int processes) {
    return with(
        Setting.MAX_PROCESSES, positive(Setting.MAX_PROCESSES, BigDecimal.valueOf(processes)));
  }

  /**
   * Limits the live processes in all budgets of the user, above which a new command is refused; 1
   * or more.
   */
  public CommandLimits userMaxProcesses(int processes) {
    return with(
        Setting.USER_MAX_PROCESSES,
        positive(Setting.USER_MAX_PROCESSES, BigDecimal.valueOf(processes)));
  }

  /** Limits the starts per second in the budget, above which commands wait; 1 or more. */
  public CommandLimits rateLimit(int startsPerSecond) {
    return with(
        Setting.RATE_LIMIT, positive(Setting.RATE_LIMIT, BigDecimal.valueOf(startsPerSecond)));
  }

  /** Names the budget that commands count in, which all of the user's programs share. */
  public CommandLimits budget(String name) {
    return with(Setting.BUDGET, name);
  }

  /** Decides what happens to processes that outlive the main one. */
  public CommandLimits leftovers(Leftovers policy) {
    return with(Setting.LEFTOVERS, policy.name().toLowerCase(Locale.ROOT).replace('_', '-'));
  }

  /**
   * Names the layers that must be in force: without one of them the command is refused, with the
   * cause {@link Cause#REFUSED_CONTAINMENT}. Without arguments no layer is required.
   */
  public CommandLimits require(LayerName... layers) {
    return with(
        Setting.REQUIRE,
        Arrays.stream(layers).map(LayerName::text).collect(Collectors.joining(",")));
  }

  /**
   * Turns a limit off.
   *
   * @throws IllegalArgumentException for a layer that is no limit: {@link LayerName#PROCESS_GROUP},
   *     {@link LayerName#LIFELINE}
   */
  public CommandLimits without(LayerName layer) {
    CommandLimits changed = this;
    for (Setting setting : Setting.values()) {
      if (setting.layer().filter(layer::equals).isPresent()) {
        changed = changed.with(setting, "0");
      }
    }
    if (changed == this) {
      throw new IllegalArgumentException("the layer " + layer.text() + " is no limit");
    }
    return changed;
  }

  /** Answers these limits with those that are set in {@code over} laid over them. */
  public CommandLimits and(CommandLimits over) {
    Map<Setting, String> all = new EnumMap<>(Setting.class);
    all.putAll(changes);
    all.putAll(over.changes);
    return new CommandLimits(all);
  }

  Map<Setting, String> changes() {
    return changes;
  }

  private CommandLimits with(Setting setting, BigDecimal amount) {
    return with(setting, amount.toPlainString());
  }

  private CommandLimits with(Setting setting, String text) {
    ProgramSettings.problem(setting, text)
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException(problem);
            });
    Map<Setting, String> all = new EnumMap<>(Setting.class);
    all.putAll(changes);
    all.put(setting, text);
    return new CommandLimits(all);
  }

  private static BigDecimal seconds(Duration time) {
    return BigDecimal.valueOf(time.getSeconds())
        .add(BigDecimal.valueOf(time.getNano(), FINEST))
        .stripTrailingZeros();
  }

  private static BigDecimal positive(Setting setting, BigDecimal amount) {
    if (amount.signum() <= 0) {
      throw new IllegalArgumentException(
          ProgramSettings.method(setting)
              + " takes more than 0, not "
              + amount.stripTrailingZeros().toPlainString()
              + "; CommandLimits.without turns a limit off");
    }
    return amount;
  }

  @Override
  public String toString() {
    return "limits " + changes;
  }
}
