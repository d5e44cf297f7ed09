package dev.guard.report;

import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.config.GuardConfig;
import java.time.Duration;
import java.util.Optional;

/**
 * Makes the layers of the receipt that are not the kernel's limits, in the words of the receipt.
 */
public final class Receipt {
  private static final String ALONE = "counted in this process alone: ";

  private Receipt() {}

  /**
   * Says how many processes may live in the budget.
   *
   * @param outer the command that this one is inside of
   * @param inReserve whether there was no room, and the command has the reserve
   * @param problem why the count is not shared; empty: it is
   * @param partial why a shared count may not be whole; empty: it is
   */
  public static Layer registry(
      GuardConfig config,
      Optional<String> outer,
      boolean inReserve,
      String problem,
      String partial) {
    Optional<Integer> limit = config.maxProcesses().or(config::userMaxProcesses);
    if (!problem.isEmpty() && limit.isPresent()) {
      return Layer.degraded(LayerName.REGISTRY, limit.get(), ALONE + problem);
    }
    String ofUser = config.userMaxProcesses().map(n -> "; in all budgets " + n).orElse("");
    String inside =
        outer.map(id -> "; inside command " + id + ", which counts this one too").orElse("");
    String reserve = inReserve ? "reserve; " : "";
    String detail = reserve + "budget " + config.budget() + ofUser + inside;
    return partial.isEmpty() || limit.isEmpty()
        ? limitOrOff(LayerName.REGISTRY, limit, detail)
        : Layer.degraded(LayerName.REGISTRY, limit.get(), partial + "; " + detail);
  }

  /** Says that nobody can find the command, since it has no record. */
  public static Optional<Layer> unrecorded(GuardConfig config, String problem) {
    return config
        .maxProcesses()
        .map(max -> Layer.degraded(LayerName.REGISTRY, max, "it has no record: " + problem));
  }

  /**
   * Says how fast commands of the budget may start.
   *
   * @param problem why the count is not shared; empty: it is
   * @param partial why a shared count may not be whole; empty: it is
   */
  public static Layer rateLimit(GuardConfig config, String problem, String partial) {
    Optional<Integer> limit = config.rateLimitPerSecond();
    String detail = problem.isEmpty() ? partial : ALONE + problem;
    return detail.isEmpty() || limit.isEmpty()
        ? limitOrOff(LayerName.RATE_LIMIT, limit, "starts per second")
        : Layer.degraded(LayerName.RATE_LIMIT, limit.get(), detail);
  }

  /** Names the process group that the main process is in. */
  public static Layer processGroup(int main, int group) {
    return group == main
        ? Layer.active(LayerName.PROCESS_GROUP, main, "")
        : Layer.degraded(LayerName.PROCESS_GROUP, "", "its group is " + group);
  }

  /** Says that the command is in its caller's process group, as it was asked for. */
  public static Layer foreground() {
    return new Layer(LayerName.PROCESS_GROUP, Layer.State.OFF, "", "--foreground");
  }

  /** Says how long the command may run. */
  public static Layer timeout(GuardConfig config) {
    return limitOrOff(
        LayerName.TIMEOUT,
        config.timeout().map(Duration::toMillis).map(ms -> ms / 1000.0),
        "seconds");
  }

  /**
   * Names the process that ends the tree when Guard is killed.
   *
   * @param process names it
   * @param problem why the lifeline may not do that; empty: it does
   */
  public static Layer lifeline(String process, String problem) {
    return problem.isEmpty()
        ? Layer.active(LayerName.LIFELINE, "", process)
        : Layer.degraded(LayerName.LIFELINE, "", process + " " + problem);
  }

  private static Layer limitOrOff(LayerName name, Optional<?> limit, String detail) {
    return limit.isEmpty() ? Layer.off(name) : Layer.active(name, limit.get(), detail);
  }
}
