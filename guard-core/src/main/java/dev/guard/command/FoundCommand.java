package dev.guard.command;

import dev.guard.record.CommandRecord;
import dev.guard.record.EndedCommand;
import java.util.Optional;

/**
 * Holds a command to which a reference leads.
 *
 * @param id its id
 * @param name what people call it
 * @param live its record, while it lives
 * @param ended what came of it, once that is known
 * @param kept whether it is one of the detached ones that have ended and were not removed
 */
public record FoundCommand(
    String id,
    Optional<String> name,
    Optional<CommandRecord> live,
    Optional<EndedCommand> ended,
    boolean kept) {
  /** Tells whether the command is known to be, or to have been, a detached one. */
  public boolean isDetached() {
    return live.filter(CommandRecord::detached).isPresent() || kept;
  }
}
