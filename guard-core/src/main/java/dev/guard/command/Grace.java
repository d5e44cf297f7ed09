package dev.guard.command;

import dev.guard.record.CommandRecord;
import java.time.Duration;
import java.util.Optional;

/**
 * The time that commands have between TERM and KILL when somebody ends them by hand.
 *
 * @param asked what was asked for, which holds for all of them; empty: each has its own
 * @param otherwise for what has no record, or the record of a guard that did not write it yet
 */
public record Grace(Optional<Duration> asked, Duration otherwise) {
  /** No command has any. */
  public static final Grace NONE = new Grace(Optional.of(Duration.ZERO), Duration.ZERO);

  /** That of one command. */
  public Duration of(CommandRecord record) {
    return asked.or(record::killAfter).orElse(otherwise);
  }

  /** That of processes whose command is not known. */
  public Duration withoutRecord() {
    return asked.orElse(otherwise);
  }
}
