package dev.guard.command;

import dev.guard.record.CommandRecord;
import java.time.Duration;
import java.util.Optional;

/**
 * A grace is the time that commands have between TERM and KILL when somebody ends them by hand.
 *
 * @param asked the time that was asked for, which holds for all commands; empty: each has its own
 * @param otherwise the time of commands without a record, or with one of a guard that did not write
 *     it yet
 */
public record Grace(Optional<Duration> asked, Duration otherwise) {
  /** The grace that gives no command any time. */
  public static final Grace NONE = new Grace(Optional.of(Duration.ZERO), Duration.ZERO);

  /** Tells how long a grace one command has. */
  public Duration of(CommandRecord record) {
    return asked.or(record::killAfter).orElse(otherwise);
  }

  /** Tells how long a grace processes have whose command is not known. */
  public Duration withoutRecord() {
    return asked.orElse(otherwise);
  }
}
