package dev.guard.config;

import dev.guard.LayerName;
import java.util.List;
import java.util.Optional;

/**
 * Lists every setting there is: where it stands in a file, its variable, its flag and the values it
 * takes.
 */
public enum Setting {
  /** Limits the live processes in the budget, above which a new command is refused. */
  MAX_PROCESSES(
      "limits",
      "max_processes",
      "GUARD_MAX_PROCESSES",
      "--max-processes",
      Kind.count(Setting.MOST_TASKS)),
  /**
   * Limits the live processes in all budgets of the user together, above which a new command is
   * refused.
   */
  USER_MAX_PROCESSES(
      "limits",
      "user_max_processes",
      "GUARD_USER_MAX_PROCESSES",
      "--user-max-processes",
      Kind.count(Setting.MOST_TASKS)),
  /** Limits the starts per second in the budget, above which commands wait. */
  RATE_LIMIT(
      "limits", "rate_limit_per_second", "GUARD_RATE_LIMIT", "--rate-limit", Kind.count(100_000)),
  /** Limits the wall time per command, in seconds. */
  TIMEOUT("limits", "timeout_seconds", "GUARD_TIMEOUT", "--timeout", Kind.seconds()),
  /** Sets the seconds between TERM and KILL. */
  KILL_AFTER("limits", "kill_after_seconds", "GUARD_KILL_AFTER", "--kill-after", Kind.seconds()),
  /** Limits the tasks of a command in the kernel. */
  PIDS_MAX("limits", "pids_max", "GUARD_PIDS_MAX", "--pids-max", Kind.count(Setting.MOST_TASKS)),
  /** Limits the open files of each process by RLIMIT_NOFILE. */
  OPEN_FILES("limits", "open_files", "GUARD_OPEN_FILES", "--open-files", Kind.count(1_073_741_816)),
  /** Limits the memory per command, in bytes. */
  MEMORY_MAX("limits", "memory_max", "GUARD_MEMORY_MAX", "--memory-max", new Kind.Size()),
  /** Decides what the kernel kills when a command is at its limit of memory. */
  MEMORY_OOM(
      "limits", "memory_oom", "GUARD_MEMORY_OOM", "--memory-oom", Kind.choice("group", "process")),
  /** Limits the processor cores per command. */
  CPU_MAX("limits", "cpu_max", "GUARD_CPU_MAX", "--cpu-max", Kind.cores()),
  /** Limits the processor time per command, in seconds. */
  CPU_TIME("limits", "cpu_time_seconds", "GUARD_CPU_TIME", "--cpu-time", Kind.seconds()),
  /** Names the budget. */
  BUDGET("budget", "name", "GUARD_BUDGET", "--budget", new Kind.Name()),
  /** Decides whether a full budget keeps a small place for one command at a time. */
  RESERVE("budget", "reserve", "GUARD_BUDGET_RESERVE", "--budget-reserve", new Kind.Switch()),
  /** Decides what happens to processes that outlive the main one. */
  LEFTOVERS(
      "leftovers",
      "policy",
      "GUARD_LEFTOVERS",
      "--leftovers",
      Kind.choice("kill", "with-parent", "keep")),
  /** Names the layers without which the command does not run. */
  REQUIRE("containment", "require", "GUARD_REQUIRE", "--require", new Kind.LayerSet()),
  /** Decides what happens to processes that leave the command's cgroup. */
  DRIFT("containment", "drift", "GUARD_DRIFT", "--drift", Kind.choice("kill", "return")),
  /** Decides whether the resident gateway is used. */
  GATEWAY("gateway", "mode", "GUARD_GATEWAY", "--gateway", Kind.choice("auto", "require", "off")),
  /** Sets the seconds after which a gateway that has nothing to do ends. */
  IDLE_EXIT(
      "gateway",
      "idle_exit_seconds",
      "GUARD_GATEWAY_IDLE_EXIT",
      "--gateway-idle-exit",
      Kind.seconds()),
  /** Decides how much Guard says on standard error. */
  MESSAGES(
      "messages", "level", "GUARD_MESSAGES", "--messages", Kind.choice("all", "outcome", "quiet")),
  /** Names the set of settings whose tables are laid over all others. */
  PROFILE("profile", "name", "GUARD_PROFILE", "--profile", new Kind.Name()),
  /**
   * Decides what guard-shell does where Guard can not run. guard-shell reads it by itself, since no
   * Java may start then.
   */
  SHELL_UNAVAILABLE(
      "shell",
      "when_unavailable",
      "GUARD_SHELL_UNAVAILABLE",
      "--shell-unavailable",
      Kind.choice("refuse", "run"));

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

  /** Answers the setting's table in the file of settings. */
  public String table() {
    return table;
  }

  /** Answers the setting's key in its table. */
  public String key() {
    return key;
  }

  /** Answers the setting's table and key. */
  public String path() {
    return table + "." + key;
  }

  /** Answers the setting's environment variable. */
  public String variable() {
    return variable;
  }

  /** Answers the setting's flag of {@code guard exec}. */
  public String flag() {
    return flag;
  }

  /** Answers the layer that the setting is the limit of. */
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

  /** Tells whether the setting is an amount that a ceiling can bound. */
  boolean isLimit() {
    return table.equals("limits") && this != MEMORY_OOM;
  }

  /** Tells whether a budget can have a value of its own for the setting. */
  boolean isOfBudget() {
    return table.equals("limits") && this != USER_MAX_PROCESSES;
  }

  /** Tells whether a project's file may loosen the setting once the user has trusted that file. */
  boolean isOfTrust() {
    return table.equals("limits") || this == LEFTOVERS;
  }

  /** Tells whether the setting can stand in no file but /etc/guard/config.toml. */
  boolean isOfMachine() {
    return this == SHELL_UNAVAILABLE;
  }

  /** Tells whether a profile can have a value of its own for the setting. */
  boolean isOfProfile() {
    return this != PROFILE && !isOfMachine();
  }

  /** Tells whether one value of the setting can protect more than another. */
  boolean canTighten() {
    return this != BUDGET && this != PROFILE && !table.equals("gateway");
  }

  /** Tells whether {@code a} protects less than {@code b} does. */
  boolean looser(Value a, Value b) {
    if (a instanceof Value.Amount x && b instanceof Value.Amount y) {
      if (this == KILL_AFTER) {
        return x.number().compareTo(y.number()) > 0;
      }
      // 0 means no limit at all.
      return !y.isZero() && (x.isZero() || x.number().compareTo(y.number()) > 0);
    }
    if ((this == LEFTOVERS
            || this == MEMORY_OOM
            || this == DRIFT
            || this == MESSAGES
            || this == RESERVE)
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
