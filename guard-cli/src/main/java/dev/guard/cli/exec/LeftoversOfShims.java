package dev.guard.cli.exec;

import dev.guard.cli.shared.Messages;
import dev.guard.command.CommandRunner;
import dev.guard.process.TaskThreads;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Keeps the runners whose commands have left processes, until those have ended. */
final class LeftoversOfShims {
  private final List<CommandRunner> runners = new ArrayList<>();
  private boolean looking;

  /** Closes a runner when nothing is left any more of its command. */
  void closeWithoutAny(CommandRunner runner) {
    // Closing waits for others, and the thread that reads all connections comes to look here.
    if (!isClosed(runner)) {
      synchronized (this) {
        runners.add(runner);
      }
    }
  }

  /** Counts those that nobody else looks after. */
  synchronized int needed() {
    return (int) runners.stream().filter(CommandRunner::mustEndLeftovers).count();
  }

  /** Looks at all of them, on another thread. */
  void look() {
    synchronized (this) {
      if (looking || runners.isEmpty()) {
        return;
      }
      looking = true;
    }
    TaskThreads.OF_THIS_PROCESS.runAnyhow("guard-leftovers", this::closeAll);
  }

  private void closeAll() {
    try {
      List<CommandRunner> all;
      synchronized (this) {
        all = List.copyOf(runners);
      }
      for (CommandRunner runner : all) {
        if (isClosed(runner)) {
          synchronized (this) {
            runners.remove(runner);
          }
        }
      }
    } finally {
      synchronized (this) {
        looking = false;
      }
    }
  }

  /** Closes a runner when nothing is left; answers whether it has. */
  private static boolean isClosed(CommandRunner runner) {
    try {
      if (runner.keepsLeftovers()) {
        return false;
      }
      runner.close();
      return true;
    } catch (IOException e) {
      // It is looked at again, as long as this process lives.
      Messages.print("what a command has left: " + Messages.of(e));
      return false;
    }
  }
}
