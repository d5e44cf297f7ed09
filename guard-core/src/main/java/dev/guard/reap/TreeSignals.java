package dev.guard.reap;

import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.ProcessId;
import dev.guard.os.Signals;
import dev.guard.process.Tree;
import java.io.IOException;
import java.util.Set;

/**
 * Signals the processes of a tree one by one, and stops them so that none can fork while the others
 * are killed.
 */
record TreeSignals(Os os, Tree tree) {
  // Members can continue each other, or fork faster than we look.
  private static final int STOP_ROUNDS = 20;

  /** Lists processes that need not be stopped, at the time of the call. */
  interface SparedList {
    Set<Integer> now() throws IOException;
  }

  /** Signals each process, also when that fails for one of them; then the failure comes after. */
  void send(Set<ProcessId> processes, int signal) throws IOException {
    IOException last = null;
    for (ProcessId process : processes) {
      if (process.pid() == os.pid()) {
        continue;
      }
      try {
        tree.signal(os, process, signal);
      } catch (OsException e) {
        ignoreOthers(e);
      } catch (IOException e) {
        last = e;
      }
    }
    if (last != null) {
      throw last;
    }
  }

  /**
   * Passes over a process that has become another user's (EPERM, sudo). If it does not end with the
   * rest it is a survivor.
   */
  private static void ignoreOthers(OsException e) throws OsException {
    if (e.errno() != Errno.EPERM) {
      throw e;
    }
  }

  /**
   * Stops the processes that have left the cgroup, which may be known only as children of one in
   * it. Where orphans come to this process there is no such hurry.
   *
   * @param stopped gets the processes that are stopped
   */
  void stopStrays(Set<ProcessId> stopped) throws IOException {
    if (!tree.isAdopted() && tree.cgroup().exists()) {
      Set<Integer> inside = tree.cgroup().processes();
      for (ProcessId process : tree.identities()) {
        if (!inside.contains(process.pid())) {
          stopped.add(process);
        }
      }
      send(stopped, Signals.STOP);
    }
  }

  /**
   * Stops the members until a look finds nobody new. A stopped process does not fork, so no child
   * is hidden when all are killed.
   *
   * @param stopped the processes that are stopped already; gets the rest
   * @param spared the processes that need not be stopped, since they are killed as a whole
   */
  void stopMembers(Set<ProcessId> stopped, SparedList spared) throws IOException {
    for (int i = 0; i < STOP_ROUNDS; i++) {
      Set<ProcessId> fresh = tree.identities();
      fresh.removeAll(stopped);
      Set<Integer> inside = spared.now();
      fresh.removeIf(process -> inside.contains(process.pid()));
      if (fresh.isEmpty()) {
        break;
      }
      if (tree.isAdopted() && fresh.remove(tree.main())) {
        // A stop of the main process would stop Guard too, as Ctrl-Z does; its children come to
        // that.
        send(Set.of(tree.main()), Signals.KILL);
        stopped.add(tree.main());
      }
      send(fresh, Signals.STOP);
      stopped.addAll(fresh);
    }
  }
}
