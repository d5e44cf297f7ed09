package dev.guard.doctor.headroom;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The demand is what commands may take together at most: the sum of their limits, where a cgroup
 * above some of them, such as the slice of the sessions, does not bound those to less.
 *
 * @param sum the sum of the limits there are
 * @param unlimited the number of commands that nothing bounds
 * @param bounds a line for each cgroup above that bounds those in it to less
 */
record Demand(long sum, int unlimited, List<String> bounds) {
  /** Reads the limit of a cgroup. */
  @FunctionalInterface
  interface LimitReader {
    OptionalLong of(Path cgroup) throws IOException;
  }

  /**
   * Holds how much one command may take.
   *
   * @param cgroup the cgroup where the command is counted; empty: it has none
   * @param limit empty: as much as there is
   */
  record CommandDemand(Optional<Path> cgroup, OptionalLong limit) {}

  /** Holds how much some of the commands may take together. */
  private record Subtotal(int commands, int unlimited, long sum) {
    Subtotal and(Subtotal other) {
      return new Subtotal(
          commands + other.commands, unlimited + other.unlimited, plus(sum, other.sum));
    }
  }

  /** Adds up the limits from the commands upwards, cgroup by cgroup, the deepest first. */
  static Demand of(List<CommandDemand> commands, LimitReader limits) throws IOException {
    List<String> bounds = new ArrayList<>();
    Subtotal all = new Subtotal(0, 0, 0);
    TreeMap<Path, Subtotal> open =
        new TreeMap<>(
            Comparator.comparing(Path::getNameCount)
                .reversed()
                .thenComparing(Comparator.naturalOrder()));
    for (CommandDemand one : commands) {
      Subtotal some =
          one.limit().isPresent()
              ? new Subtotal(1, 0, one.limit().getAsLong())
              : new Subtotal(1, 1, 0);
      if (one.cgroup().isEmpty()) {
        all = all.and(some);
      } else {
        open.merge(one.cgroup().get().getParent(), some, Subtotal::and);
      }
    }
    while (!open.isEmpty()) {
      Path cgroup = open.firstKey();
      Subtotal some = bounded(cgroup, open.remove(cgroup), limits.of(cgroup), bounds);
      if (cgroup.getParent() == null) {
        all = all.and(some);
      } else {
        open.merge(cgroup.getParent(), some, Subtotal::and);
      }
    }
    return new Demand(all.sum(), all.unlimited(), bounds);
  }

  private static Subtotal bounded(
      Path cgroup, Subtotal some, OptionalLong limit, List<String> bounds) {
    boolean binds = limit.isPresent() && (some.unlimited() > 0 || some.sum() > limit.getAsLong());
    if (!binds) {
      return some;
    }
    bounds.add(
        cgroup
            + " bounds the commands in it ("
            + some.commands()
            + ") to "
            + limit.getAsLong()
            + " together, which else "
            + (some.unlimited() > 0 ? "have no limit" : "may take " + some.sum()));
    return new Subtotal(some.commands(), 0, limit.getAsLong());
  }

  /** Adds without an overflow: a sum that is too large is Long.MAX_VALUE. */
  static long plus(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }
}
