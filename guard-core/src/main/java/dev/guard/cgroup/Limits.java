package dev.guard.cgroup;

import dev.guard.config.GuardConfig;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * The limits that cgroups can set; empty is none.
 *
 * @param tasks at one time; threads count
 * @param memory bytes, swap included
 * @param cores processor time per wall time
 */
public record Limits(Optional<Long> tasks, Optional<Long> memory, Optional<Double> cores) {
  public static final Limits NONE =
      new Limits(Optional.empty(), Optional.empty(), Optional.empty());

  public static Limits of(GuardConfig config) {
    return new Limits(
        config.pidsMax().map(Integer::longValue), config.memoryMax(), config.cpuMax());
  }

  /** The controllers that these limits need. */
  public Set<Controller> controllers() {
    Set<Controller> needed = EnumSet.noneOf(Controller.class);
    for (Controller c : Controller.values()) {
      if (of(c).isPresent()) {
        needed.add(c);
      }
    }
    return needed;
  }

  /** The limit of one controller. */
  public Optional<? extends Number> of(Controller controller) {
    return switch (controller) {
      case PIDS -> tasks;
      case MEMORY -> memory;
      case CPU -> cores;
    };
  }

  /** Those there are, with more room; no limit stays none. */
  Limits plus(Limits room) {
    return new Limits(
        tasks.map(n -> n + room.tasks.orElse(0L)),
        memory.map(n -> n + room.memory.orElse(0L)),
        cores.map(n -> n + room.cores.orElse(0.0)));
  }

  /** The tighter of each. */
  Limits and(Limits other) {
    return new Limits(
        least(tasks, other.tasks), least(memory, other.memory), least(cores, other.cores));
  }

  private static <T extends Comparable<T>> Optional<T> least(Optional<T> a, Optional<T> b) {
    if (a.isEmpty() || b.isEmpty()) {
      return a.or(() -> b);
    }
    return a.get().compareTo(b.get()) <= 0 ? a : b;
  }
}
