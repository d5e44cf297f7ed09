package dev.guard.config;

import dev.guard.LayerName;
import java.util.List;
import java.util.Optional;

/** Every setting there is: where it stands in a file, its variable, its flag and what it takes. */
public enum Setting {
  /** Live processes in the budget before a new command is refused. */
  MAX_PROCESSES(
      "limits",
      "max_processes",
      "GUARD_MAX_PROCESSES",
      "--max-processes",
      Kind.count(Setting.MOST_TASKS)),
  /** Live processes in all budgets of the user together before a new command is refused. */
  USER_MAX_PROCESSES(
      "limits",
      "user_max_processes",
      "GUARD_USER_MAX_PROCESSES",
      "--user-max-processes",
      Kind.count(Setting.MOST_TASKS)),
  /** Starts per second in the budget before backoff. */
  RATE_LIMIT(
      "limits", "rate_limit_per_second", "GUARD_RATE_LIMIT", "--rate-limit", Kind.count(100_000)),
  /** Wall time per command in seconds. */
  TIMEOUT("limits", "timeout_seconds", "GUARD_TIMEOUT", "--timeout", Kind.seconds()),
  /** Seconds between TERM and KILL. */
  KILL_AFTER("limits", "kill_after_seconds", "GUARD_KILL_AFTER", "--kill-after", Kind.seconds()),
  /** The kernel's task limit per command. */
  PIDS_MAX("limits", "pids_max", "GUARD_PIDS_MAX", "--pids-max", Kind.count(Setting.MOST_TASKS)),
  /** RLIMIT_NOFILE of the command. */
  OPEN_FILES("limits", "open_files", "GUARD_OPEN_FILES", "--open-files", Kind.count(1_073_741_816)),
  /** Memory per command in bytes. */
  MEMORY_MAX("limits", "memory_max", "GUARD_MEMORY_MAX", "--memory-max", new Kind.Size()),
  /** Processor cores per command. */
  CPU_MAX("limits", "cpu_max", "GUARD_CPU_MAX", "--cpu-max", Kind.cores()),
  /** Processor time per command in seconds. */
  CPU_TIME("limits", "cpu_time_seconds", "GUARD_CPU_TIME", "--cpu-time", Kind.seconds()),
  /** The budget's name. */
  BUDGET("budget", "name", "GUARD_BUDGET", "--budget", new Kind.Name()),
  /** Decides what happens to processes that outlive the main one. */
  LEFTOVERS(
      "leftovers",
      "policy",
      "GUARD_LEFTOVERS",
      "--leftovers",
      Kind.choice("kill", "with-parent", "keep")),
  /** Layers without which the command does not run. */
  REQUIRE("containment", "require", "GUARD_REQUIRE", "--require", new Kind.LayerSet()),
  /** Decides what happens to processes that leave the command's cgroup. */
  DRIFT("containment", "drift", "GUARD_DRIFT", "--drift", Kind.choice("kill", "return")),
  /** Whether the resident gateway is used. */
  GATEWAY("gateway", "mode", "GUARD_GATEWAY", "--gateway", Kind.choice("auto", "require", "off")),
  /** How much Guard says on standard error. */
  MESSAGES(
      "messages", "level", "GUARD_MESSAGES", "--messages", Kind.choice("all", "outcome", "quiet"));

  /** The most tasks that a 64-bit kernel can have, PID_MAX_LIMIT. */
  static final long MOST_TASKS = 4_194_304;

  private final String table;
  private final String key;
  private final String variable;
  private final String flag;
  private final Kind kind;

  Setting(String table, String key, String variable, String flag, Kind kind) {
    this.table = table;
    this.key = key;
    this.variable = variable;
    this.flag = flag;
    this.kind = kind;
  }

  /** The table of the settings file. */
  public String table() {
    return table;
  }

  /** The key in its table. */
  public String key() {
    return key;
  }

  /** Table and key. */
  public String path() {
    return table + "." + key;
  }

  /** The environment variable. */
  public String variable() {
    return variable;
  }

  /** The flag of {@code guard exec}. */
  public String flag() {
    return flag;
  }

  /** The layer that the setting is the limit of. */
  public Optional<LayerName> layer() {
    return switch (this) {
      case MAX_PROCESSES, USER_MAX_PROCESSES -> Optional.of(LayerName.REGISTRY);
      case RATE_LIMIT -> Optional.of(LayerName.RATE_LIMIT);
      case TIMEOUT -> Optional.of(LayerName.TIMEOUT);
      case PIDS_MAX -> Optional.of(LayerName.PIDS);
      case OPEN_FILES -> Optional.of(LayerName.OPEN_FILES);
      case MEMORY_MAX -> Optional.of(LayerName.MEMORY);
      case CPU_MAX -> Optional.of(LayerName.CPU);
      case CPU_TIME -> Optional.of(LayerName.CPU_TIME);
      default -> Optional.empty();
    };
  }

  /** Says to people what the setting takes: e.g. {@code a whole number from 0 to 100000}. */
  public String takes() {
    return kind.takes();
  }

  Kind kind() {
    return kind;
  }

  /** Whether it is an amount that a ceiling can bound. */
  boolean isLimit() {
    return table.equals("limits");
  }

  /** Whether a budget can have one of its own. */
  boolean isOfBudget() {
    return isLimit() && this != USER_MAX_PROCESSES;
  }

  /** Whether a project's file may loosen it once the user has trusted that file. */
  boolean isOfTrust() {
    return isLimit() || this == LEFTOVERS;
  }

  /** Whether one value of it can protect more than another. */
  boolean canTighten() {
    return this != BUDGET && this != GATEWAY;
  }

  /** Whether {@code a} protects less than {@code b} does. */
  boolean looser(Value a, Value b) {
    if (a instanceof Value.Amount x && b instanceof Value.Amount y) {
      if (this == KILL_AFTER) {
        return x.number().compareTo(y.number()) > 0;
      }
      // 0 is no limit at all.
      return !y.isZero() && (x.isZero() || x.number().compareTo(y.number()) > 0);
    }
    if ((this == LEFTOVERS || this == DRIFT || this == MESSAGES)
        && a instanceof Value.Word x
        && b instanceof Value.Word y) {
      List<String> strictestFirst = kind.choices();
      return strictestFirst.indexOf(x.word()) > strictestFirst.indexOf(y.word());
    }
    if (a instanceof Value.Words x && b instanceof Value.Words y) {
      return !x.words().containsAll(y.words());
    }
    return !a.equals(b);
  }

  static Optional<Setting> find(String table, String key) {
    for (Setting s : values()) {
      if (s.table.equals(table) && s.key.equals(key)) {
        return Optional.of(s);
      }
    }
    return Optional.empty();
  }
}
