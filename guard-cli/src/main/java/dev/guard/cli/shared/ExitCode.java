package dev.guard.cli.shared;

/** Guard has these exit statuses for its own, see docs/exit-codes.md. */
public final class ExitCode {
  /** Guard could not do its job. */
  public static final int GUARD_ERROR = 125;

  private ExitCode() {}
}
