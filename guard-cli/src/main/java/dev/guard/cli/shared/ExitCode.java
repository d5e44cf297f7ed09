package dev.guard.cli.shared;

/** Names the exit statuses that Guard has for its own, see docs/exit-codes.md. */
public final class ExitCode {
  /** The exit status when Guard could not do its job. */
  public static final int GUARD_ERROR = 125;

  private ExitCode() {}
}
