package dev.guard.os;

/** Calls that change a terminal. */
public interface TerminalCalls {
  /** Calls tcgetpgrp(3), and answers the foreground process group of a terminal. */
  int foregroundGroup(int terminal) throws OsException;

  /** Calls tcsetpgrp(3), also from the background. */
  void setForegroundGroup(int terminal, int pgid) throws OsException;

  /** Calls tcgetattr(3), and answers the modes as an opaque value for {@link #setTerminalModes}. */
  byte[] terminalModes(int terminal) throws OsException;

  /** Calls tcsetattr(3) with TCSANOW, also from the background. */
  void setTerminalModes(int terminal, byte[] modes) throws OsException;
}
