package dev.guard.os;

import dev.guard.os.Libc.Arena;

/** Changes terminals by the C library, also from the background. */
interface LinuxTerminals extends TerminalCalls {
  // Not TCSADRAIN: that would wait for as long as the output is held by Ctrl-S.
  int TCSANOW = 0;
  int SIG_BLOCK = 0;
  int SIG_SETMASK = 2;
  int SIGSET_SIZE = 128;
  int TERMIOS_SIZE = 60;
  Libc TCGETPGRP = new Libc("tcgetpgrp");
  Libc TCSETPGRP = new Libc("tcsetpgrp");
  Libc TCGETATTR = new Libc("tcgetattr");
  Libc TCSETATTR = new Libc("tcsetattr");
  Libc SIGMASK = new Libc("pthread_sigmask");

  @Override
  default int foregroundGroup(int terminal) throws OsException {
    return TCGETPGRP.check("descriptor " + terminal, terminal);
  }

  @Override
  default void setForegroundGroup(int terminal, int pgid) throws OsException {
    try (Arena arena = new Arena()) {
      long old = blockTtou(arena);
      try {
        TCSETPGRP.check("descriptor " + terminal + " to " + pgid, terminal, pgid);
      } finally {
        SIGMASK.call(SIG_SETMASK, old, 0);
      }
    }
  }

  /**
   * Blocks TTOU, so that this thread may change the terminal from the background, see tcsetpgrp(3).
   * The signal is blocked for this thread alone: it must go on telling the process when another
   * member of its group does.
   */
  private static long blockTtou(Arena arena) {
    long ttou = arena.allocate(SIGSET_SIZE);
    long old = arena.allocate(SIGSET_SIZE);
    Libc.MEMORY.putLong(ttou, 1L << (Signals.TTOU - 1));
    SIGMASK.call(SIG_BLOCK, ttou, old);
    return old;
  }

  @Override
  default byte[] terminalModes(int terminal) throws OsException {
    try (Arena arena = new Arena()) {
      long termios = arena.allocate(2 * TERMIOS_SIZE);
      TCGETATTR.check("descriptor " + terminal, terminal, termios);
      byte[] modes = new byte[TERMIOS_SIZE];
      Libc.MEMORY.getByteArray(termios, modes, 0, modes.length);
      return modes;
    }
  }

  @Override
  default void setTerminalModes(int terminal, byte[] modes) throws OsException {
    try (Arena arena = new Arena()) {
      long termios = arena.allocate(2 * TERMIOS_SIZE);
      Libc.MEMORY.putByteArray(termios, modes, 0, modes.length);
      long old = blockTtou(arena);
      try {
        TCSETATTR.check("descriptor " + terminal, terminal, TCSANOW, termios);
      } finally {
        SIGMASK.call(SIG_SETMASK, old, 0);
      }
    }
  }
}
