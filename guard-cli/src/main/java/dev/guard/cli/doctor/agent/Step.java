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
    /** It says its id. */
    ID,
    /** It leaves processes behind. */
    LEAVE,
    /** It runs until the agent's own timeout ends it; not asked for where the agent has none. */
    TIMEOUT,
    /** The agent's rules deny it. */
    DENIED,
    /** It does nothing, and its time is taken. */
    NOTHING
  }
}
