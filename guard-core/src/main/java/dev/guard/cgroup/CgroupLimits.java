package dev.guard.cgroup;

import dev.guard.config.GuardConfig;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Holds the limits that cgroups can set; an empty one is no limit.
 *
 * @param tasks the most tasks at one time; threads count
 * @param memory bytes, swap included
 * @param cores processor time per wall time
 * @param oomTakesOne whether the kernel kills one process alone at the limit of memory, and not all
 */
public record CgroupLimits(
    Optional<Long> tasks, Optional<Long> memory, Optional<Double> cores, boolean oomTakesOne) {
  /** The limits that limit nothing. */
  public static final CgroupLimits NONE =
      new CgroupLimits(Optional.empty(), Optional.empty(), Optional.empty());

  /** Makes limits at whose end of memory the kernel kills all processes. */
  public CgroupLimits(Optional<Long> tasks, Optional<Long> memory, Optional<Double> cores) {
    this(tasks, memory, cores, false);
  }

  /** Takes the limits from settings. */
  public static CgroupLimits of(GuardConfig config) {
    return new CgroupLimits(
        config.pidsMax().map(Integer::longValue),
        config.memoryMax(),
        config.cpuMax(),
        config.memoryOom() == GuardConfig.MemoryOom.PROCESS);
  }

  /** Lists the controllers that these limits need. */
  public Set<Controller> controllers() {
    Set<Controller> needed = EnumSet.noneOf(Controller.class);
    for (Controller c : Controller.values()) {
      if (of(c).isPresent()) {
        needed.add(c);
      }
    }
    return needed;
  }

  /** Picks the limit of one controller. */
  public Optional<? extends Number> of(Controller controller) {
    return switch (controller) {
      case PIDS -> tasks;
      case MEMORY -> memory;
      case CPU -> cores;
    };
  }

  /** Adds room to each limit there is; no limit stays none. */
  CgroupLimits plus(CgroupLimits room) {
    return new CgroupLimits(
        tasks.map(n -> n + room.tasks.orElse(0L)),
        memory.map(n -> n + room.memory.orElse(0L)),
        cores.map(n -> n + room.cores.orElse(0.0)),
        oomTakesOne);
  }

  /** Takes the tighter limit of each pair. */
  CgroupLimits and(CgroupLimits other) {
    return new CgroupLimits(
        least(tasks, other.tasks),
        least(memory, other.memory),
        least(cores, other.cores),
        oomTakesOne);
  }

  private static <T extends Comparable<T>> Optional<T> least(Optional<T> a, Optional<T> b) {
    if (a.isEmpty() || b.isEmpty()) {
      return a.or(() -> b);
    }
    return a.get().compareTo(b.get()) <= 0 ? a : b;
  }
}
