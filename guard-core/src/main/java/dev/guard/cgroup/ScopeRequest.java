package dev.guard.cgroup;

import java.util.Optional;

/**
 * Asks {@link Systemd} for a scope.
 *
 * @param unit the scope's name
 * @param description for people
 * @param slice the slice of the scope, directly below the manager's top; empty: the deepest one
 *     that this process is in as well
 * @param limits the limits of the commands in the scope
 * @param room how much the other processes in the scope may have beyond that
 */
public record ScopeRequest(
    String unit,
    String description,
    Optional<String> slice,
    CgroupLimits limits,
    CgroupLimits room) {
  // The lifeline is in a scope for commands too.
  private static final CgroupLimits LIFELINE =
      new CgroupLimits(Optional.of(16L), Optional.of(16L << 20), Optional.empty());

  /** Asks for a scope for commands, and the lifeline that looks after them. */
  public static ScopeRequest forCommands(String unit, CgroupLimits limits) {
    return new ScopeRequest(unit, "A guard's commands", Optional.empty(), limits, LIFELINE);
  }
}
