package dev.guard.config;

import dev.guard.LayerName;
import dev.guard.Leftovers;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Holds the settings that are in force for a command. A limit that is turned off is empty: 0 means
 * that only in files, variables and flags.
 *
 * @param maxProcesses live processes in the budget before a new command is refused, 1 or more
 * @param userMaxProcesses live processes in all budgets of the user together before a new command
 *     is refused, 1 or more
 * @param rateLimitPerSecond starts per second in the budget before backoff, 1 or more
 * @param timeout wall time from release to TERM, positive
 * @param killAfter time between TERM and KILL, 0 or more
 * @param pidsMax the kernel's task limit, threads count, 1 or more
 * @param openFiles RLIMIT_NOFILE, soft and hard, 1 or more
 * @param memoryMax bytes, 1 or more
 * @param memoryOom what the kernel kills at the limit of memory
 * @param cpuMax cores, positive
 * @param cpuTime processor time of the whole tree, positive
 * @param budget the budget's name
 * @param reserve whether a full budget keeps a small place for one command at a time, see {@link
 *     #inReserve}
 * @param leftovers what happens to processes that outlive the main one
 * @param require the layers without which nothing runs
 * @param drift what happens to processes that leave the command's cgroup
 * @param gateway whether the resident gateway is used
 * @param idleExit how long a gateway that has nothing to do waits for more; empty: for ever
 * @param messages how much Guard says
 * @param sources where the settings came from
 */
public record GuardConfig(
    Optional<Integer> maxProcesses,
    Optional<Integer> userMaxProcesses,
    Optional<Integer> rateLimitPerSecond,
    Optional<Duration> timeout,
    Duration killAfter,
    Optional<Integer> pidsMax,
    Optional<Integer> openFiles,
    Optional<Long> memoryMax,
    MemoryOom memoryOom,
    Optional<Double> cpuMax,
    Optional<Duration> cpuTime,
    String budget,
    boolean reserve,
    Leftovers leftovers,
    Set<LayerName> require,
    Drift drift,
    Gateway gateway,
    Optional<Duration> idleExit,
    MessageLevel messages,
    Sources sources) {

  /** Answers these settings with something else to end at the limit of memory. */
  GuardConfig with(MemoryOom other) {
    return with(timeout, pidsMax, memoryMax, other, reserve, sources);
  }

  /** Says what the kernel kills when a command is at its limit of memory. */
  public enum MemoryOom {
    /** All of the command ends, since it is one piece of work. */
    GROUP,
    /** One process is killed, and the others go on, as the shell of a session beside its agent. */
    PROCESS
  }

  /** Says what happens to processes of the tree that leave the command's cgroup. */
  public enum Drift {
    /** Such processes are killed. */
    KILL,
    /** Such processes are moved back; one that can not be is killed. */
    RETURN
  }

  /** Says whether the resident gateway is used. */
  public enum Gateway {
    /** The gateway is used when there is one. */
    AUTO,
    /** Nothing runs without the gateway. */
    REQUIRE,
    /** The gateway is never used. */
    OFF
  }

  /** Says how much Guard writes on standard error. */
  public enum MessageLevel {
    /** Guard says what kept the command from running, and what it could not do. */
    QUIET,
    /** Guard also says one line for each thing that it did to the command. */
    OUTCOME,
    /** Guard also prints the receipt. */
    ALL
  }

  /** The most tasks of a command in the reserve of its budget. */
  public static final int RESERVE_TASKS = 16;

  /** The most memory of a command in the reserve of its budget, in bytes. */
  public static final long RESERVE_MEMORY = 256L << 20;

  /** The longest time of a command in the reserve of its budget. */
  public static final Duration RESERVE_TIMEOUT = Duration.ofSeconds(30);

  /**
   * Answers the settings of a command in the reserve of its full budget: enough to look at what
   * fills it and to end that. Of each limit the lower one holds, the command's own or the
   * reserve's.
   */
  public GuardConfig inReserve() {
    Set<Setting> cut = EnumSet.noneOf(Setting.class);
    Optional<Duration> time = lower(Setting.TIMEOUT, timeout, RESERVE_TIMEOUT, cut);
    Optional<Integer> tasks = lower(Setting.PIDS_MAX, pidsMax, RESERVE_TASKS, cut);
    Optional<Long> memory = lower(Setting.MEMORY_MAX, memoryMax, RESERVE_MEMORY, cut);
    return with(time, tasks, memory, memoryOom, reserve, sources.inReserve(cut));
  }

  private static <T extends Comparable<T>> Optional<T> lower(
      Setting setting, Optional<T> own, T ofReserve, Set<Setting> cut) {
    if (own.isPresent() && own.get().compareTo(ofReserve) <= 0) {
      return own;
    }
    cut.add(setting);
    return Optional.of(ofReserve);
  }

  /** Answers the settings of a command that is refused where its budget is full. */
  public GuardConfig withoutReserve() {
    return with(timeout, pidsMax, memoryMax, memoryOom, false, sources);
  }

  private GuardConfig with(
      Optional<Duration> time,
      Optional<Integer> tasks,
      Optional<Long> memory,
      MemoryOom oom,
      boolean mayHaveReserve,
      Sources from) {
    return new GuardConfig(
        maxProcesses,
        userMaxProcesses,
        rateLimitPerSecond,
        time,
        killAfter,
        tasks,
        openFiles,
        memory,
        oom,
        cpuMax,
        cpuTime,
        budget,
        mayHaveReserve,
        leftovers,
        require,
        drift,
        gateway,
        idleExit,
        messages,
        from);
  }

  /** Answers the built-in defaults on this machine. */
  public static GuardConfig defaults() {
    return new Layers(new Problems()).effective().config();
  }

  /** Answers the defaults with some settings changed, each by the text that a flag would take. */
  public static GuardConfig defaultsWith(Map<Setting, String> changes) throws ConfigException {
    Problems problems = new Problems();
    Layers layers = new Layers(problems);
    changes.forEach(
        (setting, text) -> TextSource.flag(setting, text, problems).ifPresent(layers::add));
    Effective effective = layers.effective();
    problems.throwIfAny();
    return effective.config();
  }
}
