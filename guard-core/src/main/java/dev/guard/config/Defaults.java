package dev.guard.config;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Holds the values that are in force where nobody set anything. */
final class Defaults {
  private static final String BUILT_IN = "built-in";
  private static final BigDecimal TASKS_PER_PROCESS = BigDecimal.valueOf(32);
  private static final BigDecimal MOST_TASKS = BigDecimal.valueOf(Setting.MOST_TASKS);

  /** The name that stands for no profile. */
  static final String NO_PROFILE = "none";

  /** The profile of the shells that coding agents start, which needs no file. */
  static final String AGENT_PROFILE = "agent";

  private Defaults() {}

  /**
   * Answers the default of any setting but the number of tasks, which depends on the number of
   * processes.
   */
  static Entry of(Setting s) {
    return builtIn(s, value(s), BUILT_IN);
  }

  /**
   * Answers the default number of tasks where claudex's setting of processes is in use: that of
   * processes.
   */
  static Entry claudexTasks(Entry processes) {
    return builtIn(Setting.PIDS_MAX, processes.value(), processes.where() + ", as claudex has it");
  }

  /** Answers the default number of tasks for a number of processes. */
  static Entry tasks(Entry processes) {
    Value.Amount given = (Value.Amount) processes.value();
    BigDecimal count = given.isZero() ? processes() : given.number();
    Value tasks = new Value.Amount(count.multiply(TASKS_PER_PROCESS).min(MOST_TASKS));
    return builtIn(Setting.PIDS_MAX, tasks, BUILT_IN + ", 32 x max_processes");
  }

  /**
   * Answers what holds in a profile where no file says it; empty where nothing but the usual
   * default does. An agent's command is a build as well as a look at a file, and has time beyond
   * the longest timeout of the agents themselves, so that theirs comes first.
   */
  static Optional<Entry> ofProfile(String profile, Setting s) {
    if (!profile.equals(AGENT_PROFILE)) {
      return Optional.empty();
    }
    if (s == Setting.MEMORY_OOM) {
      return Optional.of(builtIn(s, new Value.Word("process"), BUILT_IN + ", profile " + profile));
    }
    if (s == Setting.RESERVE) {
      return Optional.of(builtIn(s, Kind.Switch.ON, BUILT_IN + ", profile " + profile));
    }
    OptionalLong amount =
        switch (s) {
          case TIMEOUT -> OptionalLong.of(7200);
          case MAX_PROCESSES -> OptionalLong.of(512);
          case PIDS_MAX -> OptionalLong.of(4096);
          case USER_MAX_PROCESSES -> OptionalLong.of(4096);
          case RATE_LIMIT -> OptionalLong.of(50);
          default -> OptionalLong.empty();
        };
    return amount.isEmpty()
        ? Optional.empty()
        : Optional.of(builtIn(s, amount(amount.getAsLong()), BUILT_IN + ", profile " + profile));
  }

  private static Value value(Setting s) {
    return switch (s) {
      case MAX_PROCESSES -> new Value.Amount(processes());
      case RATE_LIMIT, KILL_AFTER -> amount(5);
      case TIMEOUT -> amount(300);
      case OPEN_FILES -> amount(16384);
      case IDLE_EXIT -> amount(1800);
      case USER_MAX_PROCESSES, MEMORY_MAX, CPU_MAX, CPU_TIME -> amount(0);
      case BUDGET -> new Value.Word("default");
      case RESERVE -> Kind.Switch.OFF;
      case PROFILE -> new Value.Word(NO_PROFILE);
      case LEFTOVERS -> new Value.Word("kill");
      case MEMORY_OOM -> new Value.Word("group");
      case DRIFT -> new Value.Word("return");
      case GATEWAY -> new Value.Word("auto");
      case SHELL_UNAVAILABLE -> new Value.Word("run");
      case MESSAGES -> new Value.Word("outcome");
      case REQUIRE -> new Value.Words(List.of());
      case PIDS_MAX -> throw new AssertionError("depends on max_processes");
    };
  }

  private static BigDecimal processes() {
    return BigDecimal.valueOf(Math.max(2 * Machine.cores(), 32));
  }

  private static Value amount(long n) {
    return new Value.Amount(BigDecimal.valueOf(n));
  }

  private static Entry builtIn(Setting s, Value value, String where) {
    return new Entry(s, value, where, Entry.Origin.BUILT_IN);
  }
}
