package dev.guard.cli.exec;

import dev.guard.config.Effective;
import dev.guard.config.GuardConfig;
import dev.guard.config.Setting;
import dev.guard.value.Request;
import java.time.Duration;
import java.util.Optional;

/**
 * A request says what {@code guard exec} was asked to run, with nothing wrong in it.
 *
 * @param arguments the options that are no part of the request
 * @param effective the settings, and where each came from
 * @param request the command, without what its input, output and descriptors are
 */
record ExecRequest(ExecArguments arguments, Effective effective, Request request) {
  GuardConfig config() {
    return effective.config();
  }

  /** Answers whether the exit status is the command's also after a timeout. */
  boolean preservesStatus() {
    return arguments.has("--preserve-status");
  }

  /**
   * Answers how long after a signal the command is killed, as timeout(1) has it; empty unless the
   * caller asked for that.
   */
  Optional<Duration> killAfterSignal(GuardConfig inForce) {
    boolean byHand = arguments.flags().containsKey(Setting.KILL_AFTER);
    return byHand && !inForce.killAfter().isZero()
        ? Optional.of(inForce.killAfter())
        : Optional.empty();
  }
}
