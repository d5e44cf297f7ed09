package dev.guard.reap;

import dev.guard.os.Errno;
import dev.guard.os.MainProcess;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.ProcessId;
import dev.guard.os.Signals;
import dev.guard.process.Tree;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Signals the processes of a tree one by one, and stops them so that none can fork while the others
 * are killed.
 *
 * @param main the main process, where it is a child of this one
 */
record TreeSignals(Os os, Tree tree, Optional<MainProcess> main) {
  // Members can continue each other, or fork faster than we look.
  private static final int STOP_ROUNDS = 20;
  private static final int CHASE_ROUNDS = 1000;

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
      stopOrphans();
      Set<ProcessId> fresh = tree.identities();
      fresh.removeAll(stopped);
      Set<Integer> inside = spared.now();
      fresh.removeIf(process -> inside.contains(process.pid()));
      if (fresh.isEmpty()) {
        break;
      }
      if (tree.isAdopted() && fresh.remove(tree.main())) {
        // A stop of the main process would stop Guard too, as Ctrl-Z does; its children come to us.
        send(Set.of(tree.main()), Signals.KILL);
        stopped.add(tree.main());
      }
      send(fresh, Signals.STOP);
      stopped.addAll(fresh);
    }
  }

  /**
   * Stops the orphans that have come to this process, looking at nothing but the one list that has
   * them: processes that each fork one and end live shorter than a walk through the tree takes. As
   * long as nobody waits for them, their numbers are theirs.
   */
  private void stopOrphans() throws IOException {
    Set<Integer> stopped = new TreeSet<>();
    boolean[] found = {main.isPresent()};
    for (int i = 0; i < CHASE_ROUNDS && found[0]; i++) {
      main.get().whileNobodyIsWaitedFor(() -> found[0] = stopNew(stopped));
    }
    if (!stopped.isEmpty()) {
      main.get().whileNobodyIsWaitedFor(() -> continueOthers(stopped));
    }
  }

  /** Stops the orphans that are new, and tells whether there was one. */
  private boolean stopNew(Set<Integer> stopped) throws IOException {
    Set<Integer> fresh = tree.orphans();
    fresh.removeAll(stopped);
    for (int pid : fresh) {
      try {
        os.kill(pid, Signals.STOP);
      } catch (OsException e) {
        ignoreOthers(e);
      }
    }
    return stopped.addAll(fresh);
  }

  /**
   * Continues orphans that are not the command's, but come from a child that this process had
   * before it: only after all are stopped there is time to ask each who it is.
   */
  private void continueOthers(Set<Integer> stopped) throws IOException {
    for (int pid : stopped) {
      if (!tree.hasAsOrphan(pid)) {
        os.kill(pid, Signals.CONT);
      }
    }
  }
}
