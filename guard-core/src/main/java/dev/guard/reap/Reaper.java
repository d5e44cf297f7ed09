package dev.guard.reap;

import dev.guard.os.Errno;
import dev.guard.os.MainProcess;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.ProcessId;
import dev.guard.os.Signals;
import dev.guard.os.WaitStatus;
import dev.guard.process.Tree;
import dev.guard.value.Result.Survivor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends a tree: asks it with TERM, gives it the grace, kills what is left as a whole, and proves
 * that nothing is.
 *
 * <p>Whatever fails meanwhile, also for want of descriptors, memory or threads, keeps no later step
 * from being made: what kills was opened before the release, and looks are tried again until the
 * patience is over.
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
   * @param status of the main process if it is a child of this one and has ended; else null
   * @param survivors who could not be ended, or of whom it could not be proved; empty: proved that
   *     nothing is left
   */
  public record Ended(WaitStatus status, List<Survivor> survivors) {}

  /** Ends a tree whose main process is not this process's child, or was waited for. */
  public Ended end(Tree tree, Duration grace) {
    return new Attempt(tree, Optional.empty()).end(Signals.TERM, grace);
  }

  /**
   * Ends the tree of this main process, and waits for that.
   *
   * @param signal what its processes get before the grace
   */
  public Ended end(Tree tree, int signal, Duration grace, MainProcess main) {
    return new Attempt(tree, Optional.of(main)).end(signal, grace);
  }

  private interface Step {
    void run() throws IOException;
  }

  private interface Processes {
    Set<Integer> now() throws IOException;
  }

  /** The end of one tree. */
  private final class Attempt {
    private final Tree tree;
    private final Optional<MainProcess> main;
    private Throwable failure;

    Attempt(Tree tree, Optional<MainProcess> main) {
      this.tree = tree;
      this.main = main;
    }

    Ended end(int signal, Duration grace) {
      if (!grace.isZero() && signal != Signals.KILL) {
        ask(signal);
        // A stopped process can not act on it, and neither can a frozen one.
        ask(Signals.CONT);
        attempt(() -> tree.thaw(os.pid()));
        if (emptyWithin(grace)) {
          return ended(List.of());
        }
      }
      kill();
      // From here: with every core taken by a fork bomb, the first look at it all can take seconds.
      long deadline = System.nanoTime() + KILL_PATIENCE.toNanos();
      while (!emptyWithin(KILL_AGAIN)) {
        if (System.nanoTime() >= deadline) {
          return ended(survivors());
        }
        kill();
        // In a frozen v1 cgroup KILL waits, too.
        attempt(() -> tree.thaw(os.pid()));
      }
      // Not looked at again: its guard may have a child of its own by now.
      return ended(List.of());
    }

    private Ended ended(List<Survivor> survivors) {
      return new Ended(main.map(MainProcess::status).orElse(null), survivors);
    }

    /** True when it could be done. What fails for now is no reason to leave out the next step. */
    private boolean attempt(Step step) {
      try {
        step.run();
        return true;
      } catch (IOException | RuntimeException | Error e) {
        failure = e;
        return false;
      }
    }

    private void ask(int signal) {
      if (!attempt(() -> signal(tree.identities(), signal)) && main.isPresent()) {
        attempt(() -> main.get().signalGroup(signal));
      }
    }

    private void kill() {
      Set<ProcessId> strays = new TreeSet<>();
      // Whoever has left the cgroup may be known only as a child of somebody in it. Where orphans
      // come to us there is no such hurry.
      attempt(() -> stopStrays(strays));
      attempt(() -> tree.cgroup().killHeld(os));
      boolean[] whole = new boolean[1];
      attempt(() -> whole[0] = tree.cgroup().kill(os));
      attempt(() -> stop(strays, whole[0] ? tree.cgroup()::processes : Set::of));
      attempt(() -> signal(strays, Signals.KILL));
      // Last, since it hides the children of those that it kills: where they were stopped above it
      // does no harm, and where that was refused it is what is left to do.
      main.ifPresent(m -> attempt(m::kill));
    }

    private void stopStrays(Set<ProcessId> strays) throws IOException {
      if (!tree.isAdopted() && tree.cgroup().exists()) {
        Set<Integer> inside = tree.cgroup().processes();
        for (ProcessId process : tree.identities()) {
          if (!inside.contains(process.pid())) {
            strays.add(process);
          }
        }
        signal(strays, Signals.STOP);
      }
    }

    /**
     * Stops the members until a look finds nobody new. A stopped process does not fork, so no child
     * is hidden when all are killed.
     */
    private void stop(Set<ProcessId> stopped, Processes spared) throws IOException {
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
          // Its stop would stop Guard too, as Ctrl-Z does; its children come to us.
          signal(Set.of(tree.main()), Signals.KILL);
          stopped.add(tree.main());
        }
        signal(fresh, Signals.STOP);
        stopped.addAll(fresh);
      }
    }

    /**
     * Stops the orphans that have come to us, looking at nothing but the one list that has them:
     * processes that each fork one and end live shorter than a walk through the tree takes. As long
     * as nobody waits for them, their numbers are theirs.
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

    /** Whether there was a new one. */
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
     * Continues the orphans of somebody else, who was a child of this process before the command:
     * only after all are stopped there is time to ask each who it is.
     */
    private void continueOthers(Set<Integer> stopped) throws IOException {
      for (int pid : stopped) {
        if (!tree.hasAsOrphan(pid)) {
          os.kill(pid, Signals.CONT);
        }
      }
    }

    /** Signals each, also when that fails for one of them; then the failure comes after. */
    private void signal(Set<ProcessId> processes, int signal) throws IOException {
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

    private boolean emptyWithin(Duration time) {
      long deadline = System.nanoTime() + time.toNanos();
      long pause = LOOK_NANOS;
      while (!isEmpty()) {
        if (System.nanoTime() >= deadline) {
          return false;
        }
        LockSupport.parkNanos(pause);
        pause = Math.min(2 * pause, LOOK_MAX_NANOS);
      }
      return true;
    }

    /** Whether it is proved that nothing is left. */
    private boolean isEmpty() {
      boolean[] empty = new boolean[1];
      attempt(() -> empty[0] = mainHasEnded() && tree.isEmpty());
      return empty[0];
    }

    private boolean mainHasEnded() throws IOException {
      if (main.isPresent()) {
        if (!main.get().hasEnded()) {
          return false;
        }
        tree.mainWaitedFor();
      }
      return true;
    }

    private List<Survivor> survivors() {
      List<Survivor> survivors = new ArrayList<>();
      if (!attempt(() -> name(survivors))) {
        survivors.clear();
        survivors.add(new Survivor(tree.main().pid(), "its tree can not be looked at: " + failure));
      }
      return survivors;
    }

    private void name(List<Survivor> survivors) throws IOException {
      Set<Integer> left = new TreeSet<>(tree.members());
      if (main.isPresent() && !main.get().hasBeenWaitedFor()) {
        left.add(tree.main().pid());
      }
      for (int pid : left) {
        survivors.add(new Survivor(pid, tree.describe(pid, os.pid())));
      }
    }
  }

  /**
   * EPERM: it has become another user's (sudo). If it does not end with the rest it is a survivor.
   */
  private static void ignoreOthers(OsException e) throws OsException {
    if (e.errno() != Errno.EPERM) {
      throw e;
    }
  }
}
