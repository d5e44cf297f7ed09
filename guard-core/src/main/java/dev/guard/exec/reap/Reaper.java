package dev.guard.exec.reap;

import dev.guard.CommandResult.Survivor;
import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.Signals;
import dev.guard.os.WaitStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends a tree: asks it with TERM, gives it the grace, kills what is left as a whole, and proves
 * that nothing is.
 */
public final class Reaper {
  private static final long LOOK_NANOS = 1_000_000L;
  private static final long LOOK_MAX_NANOS = 20_000_000L;
  // SIGKILL can only be delayed by a process in an uninterruptible sleep, on a dead disk or network
  // file system.
  private static final Duration KILL_PATIENCE = Duration.ofSeconds(5);

  private static final Duration KILL_AGAIN = Duration.ofMillis(50);
  // Members can continue each other, or fork faster than we look.
  private static final int STOP_ROUNDS = 20;
  private static final int CHASE_ROUNDS = 1000;

  private final Os os;

  /** Signals through {@code os}. */
  public Reaper(Os os) {
    this.os = os;
  }

  /**
   * What came of it.
   *
   * @param status of the main process if it was still to be waited for and has ended; else null
   * @param survivors who could not be ended
   */
  public record Ended(WaitStatus status, List<Survivor> survivors) {}

  /**
   * Ends the tree.
   *
   * @param reaped whether the main process was waited for already
   */
  public Ended end(Tree tree, Duration grace, boolean reaped) throws IOException {
    Wait main = new Wait(tree.main(), reaped);
    if (!grace.isZero()) {
      signal(tree, tree.identities(), Signals.TERM);
      // A stopped process can not act on TERM, and neither can a frozen one.
      signal(tree, tree.identities(), Signals.CONT);
      tree.thaw(os.pid());
      if (emptyWithin(tree, main, grace)) {
        return new Ended(main.status, List.of());
      }
    }
    kill(tree);
    // From here: with every core taken by a fork bomb, the first look at it all can take seconds.
    long deadline = System.nanoTime() + KILL_PATIENCE.toNanos();
    while (!emptyWithin(tree, main, KILL_AGAIN)) {
      if (System.nanoTime() >= deadline) {
        return new Ended(main.status, survivors(tree, main));
      }
      kill(tree);
      // In a frozen v1 cgroup KILL waits, too.
      tree.thaw(os.pid());
    }
    // Not looked at again: its guard may have a child of its own by now.
    return new Ended(main.status, List.of());
  }

  private void kill(Tree tree) throws IOException {
    Map<Integer, Long> strays = new TreeMap<>();
    if (!tree.isAdopted() && tree.cgroup().exists()) {
      // Whoever has left the cgroup may be known only as a child of somebody in it. Where orphans
      // come to us there is no such hurry.
      strays = tree.identities();
      strays.keySet().removeAll(tree.cgroup().processes());
      signal(tree, strays, Signals.STOP);
    }
    boolean whole = tree.cgroup().kill(os);
    strays.putAll(stop(tree, whole ? tree.cgroup()::processes : Set::of));
    signal(tree, strays, Signals.KILL);
  }

  /**
   * Stops the members until a look finds nobody new. A stopped process does not fork, so no child
   * is hidden when all are killed.
   */
  private Map<Integer, Long> stop(Tree tree, Processes spared) throws IOException {
    Map<Integer, Long> stopped = new TreeMap<>();
    for (int i = 0; i < STOP_ROUNDS; i++) {
      stopOrphans(tree);
      Map<Integer, Long> fresh = tree.identities();
      fresh.entrySet().removeAll(stopped.entrySet());
      fresh.keySet().removeAll(spared.now());
      if (fresh.isEmpty()) {
        break;
      }
      if (tree.isAdopted() && fresh.remove(tree.main(), tree.mainStart())) {
        // Its stop would stop Guard too, as Ctrl-Z does; its children come to us.
        signal(tree, Map.of(tree.main(), tree.mainStart()), Signals.KILL);
        stopped.put(tree.main(), tree.mainStart());
      }
      signal(tree, fresh, Signals.STOP);
      stopped.putAll(fresh);
    }
    return stopped;
  }

  /**
   * Stops the orphans that have come to us, looking at nothing but the one list that has them:
   * processes that each fork one and end live shorter than a walk through the tree takes. Only then
   * each is asked who it is, since a number that was waited for meanwhile may be another's.
   */
  private void stopOrphans(Tree tree) throws IOException {
    Set<Integer> stopped = new TreeSet<>();
    Set<Integer> fresh = tree.orphans();
    for (int i = 0; i < CHASE_ROUNDS && !fresh.isEmpty(); i++) {
      for (int pid : fresh) {
        signal(pid, Signals.STOP);
      }
      stopped.addAll(fresh);
      fresh = tree.orphans();
      fresh.removeAll(stopped);
    }
    for (int pid : stopped) {
      if (!tree.hasAsOrphan(pid)) {
        signal(pid, Signals.CONT);
      }
    }
  }

  private interface Processes {
    Set<Integer> now() throws IOException;
  }

  private void signal(Tree tree, Map<Integer, Long> processes, int signal) throws IOException {
    for (Map.Entry<Integer, Long> process : processes.entrySet()) {
      int pid = process.getKey();
      if (pid != os.pid() && tree.runs(pid, process.getValue())) {
        signal(pid, signal);
      }
    }
  }

  private void signal(int pid, int signal) throws OsException {
    try {
      os.kill(pid, signal);
    } catch (OsException e) {
      if (e.errno() != Errno.EPERM) {
        throw e;
      }
      // It has become another user's (sudo). If it does not end with the rest it is a survivor.
    }
  }

  private boolean emptyWithin(Tree tree, Wait main, Duration time) throws IOException {
    long deadline = System.nanoTime() + time.toNanos();
    long pause = LOOK_NANOS;
    while (true) {
      main.look();
      if (main.ended && tree.isEmpty()) {
        return true;
      }
      if (System.nanoTime() >= deadline) {
        return false;
      }
      LockSupport.parkNanos(pause);
      pause = Math.min(2 * pause, LOOK_MAX_NANOS);
    }
  }

  private List<Survivor> survivors(Tree tree, Wait main) throws IOException {
    Set<Integer> left = new TreeSet<>(tree.members());
    if (!main.ended) {
      left.add(tree.main());
    }
    List<Survivor> survivors = new ArrayList<>();
    for (int pid : left) {
      survivors.add(new Survivor(pid, tree.describe(pid, os.pid())));
    }
    return survivors;
  }

  /** The main process, which is a child of ours: a zombie until it is waited for. */
  private final class Wait {
    private final int pid;
    private boolean ended;
    private WaitStatus status;

    Wait(int pid, boolean reaped) {
      this.pid = pid;
      this.ended = reaped;
    }

    void look() throws OsException {
      if (!ended) {
        status = os.waitNoHang(pid);
        ended = status != null;
      }
    }
  }
}
