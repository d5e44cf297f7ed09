package dev.guard.admission;

import dev.guard.Outcome;

/**
 * Says that a stage has decided, before the release of a command, that it does not run: it was
 * refused, lacks a layer that it requires, or was cancelled.
 */
public final class NotRunException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Outcome outcome;

  /** Carries the outcome of the command. */
  public NotRunException(Outcome outcome) {
    super(outcome.cause().text(), null, false, false);
    this.outcome = outcome;
  }

  /** Answers the outcome of the command. */
  public Outcome outcome() {
    return outcome;
  }
}
