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
  synchronized void closeWithoutAny(CommandRunner runner) {
    runners.add(runner);
    closeThose(List.of(runner));
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
      closeThose(all);
    } finally {
      synchronized (this) {
        looking = false;
      }
    }
  }

  private void closeThose(List<CommandRunner> some) {
    for (CommandRunner runner : some) {
      try {
        if (!runner.keepsLeftovers()) {
          runner.close();
          synchronized (this) {
            runners.remove(runner);
          }
        }
      } catch (IOException e) {
        // It is looked at again, as long as this process lives.
        Messages.print("what a command has left: " + Messages.of(e));
      }
    }
  }
}
