package dev.guard.cli.exec;

import dev.guard.command.CommandHandle;
import dev.guard.os.Os;
import dev.guard.os.OsException;

/** The second guard of {@code --detach} talks to the first one, see {@link Detacher}. */
final class DetachedGuard {
  static final String PROPERTY = "guard.detached";
  static final String TERMINAL = "guard.terminal";
  static final String STARTED = "started\n";

  private DetachedGuard() {}

  /** Answers whether this guard is the second one. */
  static boolean isThis() {
    return Boolean.getBoolean(PROPERTY);
  }

  /** Answers whether the first guard's standard error is a terminal. */
  static boolean hasTerminal() {
    return Boolean.getBoolean(TERMINAL);
  }

  /** Tells the first guard that this one has been started. */
  static void sayStarted() {
    System.out.print(STARTED);
    System.out.flush();
  }

  /**
   * Cancels the command, now or when it runs, if the first guard goes away before it has told the
   * id: nobody else could stop it. That the id was written into a pipe, or read from it, is not
   * enough: the first guard may be killed before it has passed it on.
   */
  static void follow(Os os, CommandHandle command) {
    Thread follower =
        new Thread(
            () -> {
              if (!hearsThatIdIsTold(os)) {
                command.cancel();
              }
            },
            "guard-follows-" + command.id());
    follower.setDaemon(true);
    follower.start();
  }

  private static boolean hearsThatIdIsTold(Os os) {
    try {
      return os.read(0, new byte[1]) == 1;
    } catch (OsException e) {
      return false;
    }
  }

  /** Tells the first guard the id of the command, which has exec'd. */
  static void tellId(CommandHandle command) {
    System.out.print(command.id() + "\n");
    if (System.out.checkError()) {
      command.cancel();
    }
  }
}
