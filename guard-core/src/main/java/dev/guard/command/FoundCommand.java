package dev.guard.command;

import dev.guard.record.CommandRecord;
import dev.guard.record.EndedCommand;
import java.util.Optional;

/**
 * Holds a command to which a reference leads.
 *
 * @param id the command's id
 * @param name the name that people call the command by
 * @param live the command's record, while it lives
 * @param ended the outcome of the command, once that is known
 * @param kept whether the command is one of the detached ones that have ended and were not removed
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
