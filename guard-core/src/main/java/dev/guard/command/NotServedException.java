package dev.guard.command;

/** A process that serves many callers can not run this command; a guard of its own can. */
public final class NotServedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Says why. */
  public NotServedException(String reason) {
    super(reason);
  }
}
