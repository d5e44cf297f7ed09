package dev.guard.admission;

import dev.guard.Outcome;

/**
 * A stage decided that the command does not run: the way out of the life of a command before its
 * release.
 */
public final class EndedEarly extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Outcome outcome;

  /** With what becomes of it. */
  public EndedEarly(Outcome outcome) {
    super(outcome.cause().text(), null, false, false);
    this.outcome = outcome;
  }

  /** What becomes of the command. */
  public Outcome outcome() {
    return outcome;
  }
}
