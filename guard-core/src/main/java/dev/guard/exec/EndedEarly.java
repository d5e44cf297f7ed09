package dev.guard.exec;

import dev.guard.Outcome;

/**
 * A stage decided that the command does not run: the way out of the life of a command before its
 * release.
 */
final class EndedEarly extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Outcome outcome;

  EndedEarly(Outcome outcome) {
    super(outcome.cause().text(), null, false, false);
    this.outcome = outcome;
  }

  Outcome outcome() {
    return outcome;
  }
}
