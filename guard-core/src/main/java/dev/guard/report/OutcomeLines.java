package dev.guard.report;

import dev.guard.Cause;
import dev.guard.config.GuardConfig;
import dev.guard.config.Setting;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * Says how Guard has acted on a command, one line each: which limit, its value, and where it was
 * set. A program that runs commands for a language model shows it these lines; without them the
 * model has to guess why its command ended.
 */
final class OutcomeLines {
  private static final int NAMED = 5;
  private static final String UNITS = "KMG";

  private final GuardConfig config;

  OutcomeLines(GuardConfig config) {
    this.config = config;
  }

  /**
   * Says why the command ended; empty when it ended by itself.
   *
   * @param byGuard whether Guard has ended the command, and not only seen how it ended
   * @param forksRefused how often the kernel refused the command a task
   */
  Optional<String> end(Cause cause, boolean byGuard, OptionalLong forksRefused) {
    return switch (cause) {
      case TIMEOUT ->
          config
              .timeout()
              .map(t -> "ended at its timeout of " + seconds(t) + from(Setting.TIMEOUT));
      case CPU_TIME ->
          config
              .cpuTime()
              .map(
                  t ->
                      "ended, it had used up its processor time of "
                          + seconds(t)
                          + from(Setting.CPU_TIME));
      case MEMORY ->
          config
              .memoryMax()
              .map(
                  m ->
                      (byGuard ? "ended" : "the kernel killed a process of the command")
                          + " at its memory limit of "
                          + size(m)
                          + from(Setting.MEMORY_MAX));
      case PIDS -> config.pidsMax().map(n -> tasks(n, byGuard, forksRefused));
      default -> Optional.empty();
    };
  }

  /** Says that the kernel has killed some processes of a command that has gone on without them. */
  Optional<String> killedForMemory(long kills) {
    return config
        .memoryMax()
        .map(
            m ->
                "the kernel killed "
                    + kills
                    + (kills == 1 ? " process" : " processes")
                    + " of the command at its memory limit of "
                    + size(m)
                    + from(Setting.MEMORY_MAX)
                    + "; the others went on");
  }

  private String tasks(int limit, boolean byGuard, OptionalLong forksRefused) {
    String what =
        byGuard
            ? "ended, it had more than its limit of " + limit + " tasks"
            : "failed at its limit of "
                + limit
                + " tasks, the kernel refused it "
                + forksRefused.orElse(0)
                + " forks";
    return what + from(Setting.PIDS_MAX);
  }

  /** Says which processes have outlived the main one and were ended; empty when there were none. */
  Optional<String> leftovers(List<Recorder.Leftover> ended) {
    if (ended.isEmpty()) {
      return Optional.empty();
    }
    String names =
        ended.stream()
            .limit(NAMED)
            .map(p -> p.command().replaceAll("\\p{Cc}", "?") + " (pid " + p.pid() + ")")
            .collect(Collectors.joining(", "));
    String more = ended.size() > NAMED ? " and " + (ended.size() - NAMED) + " more" : "";
    boolean one = ended.size() == 1;
    return Optional.of(
        "ended "
            + ended.size()
            + (one ? " process that was" : " processes that were")
            + " left running: "
            + names
            + more
            + howToKeep());
  }

  private String howToKeep() {
    if (config.sources().isOfProgram()) {
      return "; CommandLimits.leftovers keeps them";
    }
    return config.sources().isOfAgent()
        ? "; a process lives as long as the command that starts it, so wait for it there"
        : "; to keep one, start it with: guard exec --detach --name NAME -- ...";
  }

  private String from(Setting limit) {
    return config.sources().of(limit);
  }

  private static String seconds(Duration time) {
    return BigDecimal.valueOf(time.toNanos(), 9).stripTrailingZeros().toPlainString() + " s";
  }

  /** Writes a size in the largest unit that leaves a whole number, as a setting would have it. */
  private static String size(long bytes) {
    long value = bytes;
    int unit = -1;
    while (value % 1024 == 0 && unit < UNITS.length() - 1) {
      value /= 1024;
      unit++;
    }
    return unit < 0 ? value + " bytes" : value + UNITS.substring(unit, unit + 1);
  }
}
