package dev.guard.systemd;

import java.util.Optional;

/**
 * Says how to start something in a scope of its own, or why that can not be had.
 *
 * @param scope the scope
 * @param problem why there is no scope; empty: there is one
 */
public record ScopePlan(Optional<Scope> scope, String problem) {
  /** Says why there is no scope. */
  public static ScopePlan no(String problem) {
    return new ScopePlan(Optional.empty(), problem);
  }
}
