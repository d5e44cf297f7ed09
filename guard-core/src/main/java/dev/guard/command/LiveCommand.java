package dev.guard.command;

import dev.guard.record.CommandRecord;
import java.util.OptionalLong;

/**
 * Shows a command that lives, at one moment.
 *
 * @param record the command's record
 * @param state the command's state
 * @param processes the number of the command's live processes
 * @param cpuMicros processor time of the tree; empty where no cgroup counts it
 * @param memoryBytes memory of the tree; empty where no cgroup counts it
 */
public record LiveCommand(
    CommandRecord record,
    LiveState state,
    int processes,
    OptionalLong cpuMicros,
    OptionalLong memoryBytes) {
  /** A state says what becomes of a command that lives. */
  public enum LiveState {
    /** The command is not held yet. */
    STARTING,
    /** The command's guard looks after it. */
    RUNNING,
    /** The command's main process has ended; others were left by its policy. */
    LEFT,
    /**
     * The command is detached and its guard was killed: its limits hold, and its lifeline ends it
     * on time.
     */
    UNATTENDED,
    /** The command's guard was killed, and its lifeline ends it. */
    ENDING,
    /**
     * The command's guard and its lifeline were killed: nobody looks after it, see {@link Orphans}.
     */
    ORPHANED
  }
}
