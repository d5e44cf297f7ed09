package dev.guard.cli.shared;

/** The exit statuses that are Guard's own, see docs/exit-codes.md. */
public final class ExitCode {
  /** Guard could not do its job. */
  public static final int GUARD_ERROR = 125;

  private ExitCode() {}
}
