package dev.guard;

/**
 * Names the states of a command, in the order in which it goes through them; it may leave some out.
 */
public enum CommandState {
  /** The command waits for a place in its budget, or until the rate limit lets it start. */
  WAITING,
  /** The command is held and put inside its limits; nothing of it has run yet. */
  STARTING,
  /** The command runs, or is being ended. */
  RUNNING,
  /** The command has ended, and its result is there. */
  ENDED
}
