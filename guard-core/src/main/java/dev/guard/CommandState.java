package dev.guard;

/** The states of a command, in the order in which it goes through them; it may leave some out. */
public enum CommandState {
  /** It waits for a place in its budget, or until the rate limit lets it start. */
  WAITING,
  /** It is being started: held, and put inside its limits. Nothing of it has run yet. */
  STARTING,
  /** It runs, or is being ended. */
  RUNNING,
  /** Its result is there. */
  ENDED
}
