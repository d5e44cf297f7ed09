package dev.guard.cli.exec;

import dev.guard.config.GuardConfig;
import dev.guard.config.Setting;
import java.time.Duration;
import java.util.Optional;

/** Says that the start of a command had to wait, before the command says anything itself. */
final class StartWait {
  private static final Duration LONG_WAIT = Duration.ofSeconds(1);

  private StartWait() {}

  /** Answers the line that tells of a wait for the rate limit, where that is to be told. */
  static Optional<String> told(GuardConfig config, Duration waited) {
    boolean tell =
        switch (config.messages()) {
          case QUIET -> false;
          case OUTCOME -> waited.compareTo(LONG_WAIT) > 0;
          case ALL -> !waited.isZero();
        };
    return tell
        ? Optional.of(
            "the start had to wait "
                + waited.toMillis() / 1000.0
                + " s for the rate limit of "
                + config.rateLimitPerSecond().orElseThrow()
                + " a second in budget "
                + config.budget()
                + config.sources().of(Setting.RATE_LIMIT))
        : Optional.empty();
  }
}
