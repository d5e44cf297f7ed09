package dev.guard.systemd;

import java.util.Optional;

/**
 * Says what to start something with so that it is in a scope of its own, or why that can not be
 * had.
 *
 * @param scope the scope
 * @param problem why there is none; empty: there is
 */
public record ScopePlan(Optional<Scope> scope, String problem) {
  /** Says why there is none. */
  public static ScopePlan no(String problem) {
    return new ScopePlan(Optional.empty(), problem);
  }
}
