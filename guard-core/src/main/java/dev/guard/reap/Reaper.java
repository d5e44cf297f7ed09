package dev.guard.reap;

import dev.guard.os.MainProcess;
import dev.guard.os.Os;
import dev.guard.os.ProcessId;
import dev.guard.os.Signals;
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
 * Ends one tree: asks it with TERM, gives it the grace, kills the rest as a whole, and proves that
 * nothing is left. The steps stand in this order below.
 *
 * <p>Whatever fails meanwhile, also for want of descriptors, memory or threads, keeps no later step
 * from being made: what kills was opened before the release, and looks are tried again until the
 * patience is over.
 */
public final class Reaper {
  /** Lists the classes that an end needs, to be loaded while there are descriptors for that. */
  public static final List<Class<?>> CLASSES = List.of(Reaper.class, TreeSignals.class);

  private static final long LOOK_NANOS = 1_000_000L;
  private static final long LOOK_MAX_NANOS = 20_000_000L;
  // SIGKILL can only be delayed by a process in an uninterruptible sleep, on a dead disk or network
  // file system.
  private static final Duration KILL_PATIENCE = Duration.ofSeconds(5);
  private static final Duration KILL_AGAIN = Duration.ofMillis(50);

  private final Os os;
  private final Tree tree;
  private final Optional<MainProcess> main;
  private final TreeSignals signals;
  private Throwable failure;

  private interface ReapStep {
    void run() throws IOException;
  }

  /** Prepares to end a tree whose main process is not this process's child, or was waited for. */
  public Reaper(Os os, Tree tree) {
    this(os, tree, Optional.empty());
  }

  /** Prepares to end the tree of this main process, a child of this one, and to wait for that. */
  public Reaper(Os os, Tree tree, MainProcess main) {
    this(os, tree, Optional.of(main));
  }

  private Reaper(Os os, Tree tree, Optional<MainProcess> main) {
    this.os = os;
    this.tree = tree;
    this.main = main;
    this.signals = new TreeSignals(os, tree);
  }

  /** Ends the tree, which gets TERM before the grace; see {@link #end(int, Duration)}. */
  public List<Survivor> end(Duration grace) {
    return end(Signals.TERM, grace);
  }

  /**
   * Ends the tree.
   *
   * @param signal the signal that the tree's processes get before the grace
   * @return the processes that could not be ended, or of which that could not be proved; empty:
   *     proved that nothing is left
   */
  public List<Survivor> end(int signal, Duration grace) {
    if (!grace.isZero() && signal != Signals.KILL) {
      ask(signal);
      // A stopped process can not act on the signal, and neither can a frozen one.
      ask(Signals.CONT);
      attempt(() -> tree.thaw(os.pid()));
      if (emptyWithin(grace)) {
        return List.of();
      }
    }
    kill();
    // The patience counts from here: with every core taken by a fork bomb, the first look at the
    // tree can take seconds.
    long deadline = System.nanoTime() + KILL_PATIENCE.toNanos();
    while (!emptyWithin(KILL_AGAIN)) {
      if (System.nanoTime() >= deadline) {
        return survivors();
      }
      kill();
      // In a frozen v1 cgroup KILL waits, too.
      attempt(() -> tree.thaw(os.pid()));
    }
    // The tree is not looked at again: its guard may have a child of its own by now.
    return List.of();
  }

  /**
   * Makes a step, and tells whether that was possible. A failure keeps no later step from being
   * made.
   */
  private boolean attempt(ReapStep step) {
    try {
      step.run();
      return true;
    } catch (IOException | RuntimeException | Error e) {
      failure = e;
      return false;
    }
  }

  private void ask(int signal) {
    if (!attempt(() -> signals.send(tree.identities(), signal)) && main.isPresent()) {
      attempt(() -> main.get().signalGroup(signal));
    }
  }

  private void kill() {
    Set<ProcessId> stopped = new TreeSet<>();
    attempt(() -> signals.stopStrays(stopped));
    attempt(() -> tree.cgroup().killer().killHeld(os));
    boolean[] whole = new boolean[1];
    attempt(() -> whole[0] = tree.cgroup().killer().kill(os));
    attempt(() -> signals.stopMembers(stopped, whole[0] ? tree.cgroup()::processes : Set::of));
    attempt(() -> signals.send(stopped, Signals.KILL));
    // The main process is killed last, since its end hides its children: where they were stopped
    // above that does no harm, and where that was refused no better step is left.
    main.ifPresent(m -> attempt(m::kill));
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

  /** Tells whether it is proved that nothing of the tree is left. */
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
