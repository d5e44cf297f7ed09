package dev.guard.cli.doctor.agent;

/**
 * One command that the model asks for.
 *
 * @param kind what it is there for
 * @param command as a shell reads it
 */
record Step(Kind kind, String command) {
  /** Says what a command is there for. */
  enum Kind {
    /** The command says its id. */
    ID,
    /** The command leaves processes behind. */
    LEAVE,
    /** The command runs until the agent's own timeout ends it, where the agent has one. */
    TIMEOUT,
    /** The agent's rules deny the command. */
    DENIED,
    /** The command does nothing, and its time is taken. */
    NOTHING
  }
}
