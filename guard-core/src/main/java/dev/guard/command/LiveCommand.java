package dev.guard.command;

import dev.guard.record.CommandRecord;
import java.util.OptionalLong;

/**
 * A command that lives, at one moment.
 *
 * @param record what is written of it
 * @param state what becomes of it
 * @param processes how many live processes it has
 * @param cpuMicros processor time of the tree; empty where its cgroup does not count it
 * @param memoryBytes memory of the tree; empty where its cgroup does not count it
 */
public record LiveCommand(
    CommandRecord record,
    LiveState state,
    int processes,
    OptionalLong cpuMicros,
    OptionalLong memoryBytes) {
  /** A state says what becomes of a command that lives. */
  public enum LiveState {
    /** It is not held yet. */
    STARTING,
    /** Its guard looks after it. */
    RUNNING,
    /** Its main process has ended; others were left by its policy. */
    LEFT,
    /**
     * It is detached and its guard was killed: its limits hold, and its lifeline ends it on time.
     */
    UNATTENDED,
    /** Its guard was killed, and its lifeline ends it. */
    ENDING,
    /** Its guard and its lifeline were killed: nobody looks after it, see {@link Orphans}. */
    ORPHANED
  }
}
