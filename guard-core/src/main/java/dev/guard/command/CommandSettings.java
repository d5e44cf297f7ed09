package dev.guard.command;

import dev.guard.config.GuardConfig;
import dev.guard.limits.Limiter;

/**
 * Holds the settings of one command, which change once: where its budget is full, and it has the
 * reserve.
 */
final class CommandSettings {
  private volatile GuardConfig config;
  private volatile Limiter limiter;
  private volatile boolean inReserve;

  CommandSettings(GuardConfig config, Limiter limiter) {
    this.config = config;
    this.limiter = limiter;
  }

  GuardConfig config() {
    return config;
  }

  /** Puts limits on the command. */
  Limiter limiter() {
    return limiter;
  }

  boolean inReserve() {
    return inReserve;
  }

  /** Lowers the limits to those of the reserve, before the command has a process. */
  void lowerToReserve() {
    config = config.inReserve();
    limiter = limiter.with(config);
    inReserve = true;
  }
}
