package dev.guard.cli;

/** The exit statuses that are Guard's own, see docs/exit-codes.md. */
final class ExitCode {
  /** Guard could not do its job. */
  static final int GUARD_ERROR = 125;

  private ExitCode() {}
}
