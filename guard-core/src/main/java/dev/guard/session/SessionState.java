package dev.guard.session;

/** Says how a session is doing. */
public enum SessionState {
  /** The session's command lives. */
  RUNNING,
  /** The session's command has ended, and other windows of the session are open. */
  LEFT,
  /** Another guard starts or stops the session. */
  CHANGING,
  /** The session's tmux server does not answer. */
  SILENT
}
