package dev.guard.session;

/** Says how a session is doing. */
public enum SessionState {
  /** Its command lives. */
  RUNNING,
  /** Its command has ended, and other windows of it are open. */
  LEFT,
  /** Another guard starts or stops it. */
  CHANGING,
  /** Its tmux server does not answer. */
  SILENT
}
