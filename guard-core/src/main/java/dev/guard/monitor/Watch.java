package dev.guard.monitor;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.os.Os;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.process.AdoptedTree;
import dev.guard.process.TaskThreads;
import dev.guard.value.Ending.Reason;
import dev.guard.value.Result.Stray;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Looks at the whole tree of a command from time to time, for things that no event tells: a process
 * that has left the cgroup, a process that the kernel killed for memory beside others that live,
 * the processor time of the whole tree, and, where no kernel limit stops it, more tasks than there
 * may be.
 *
 * <p>The watch knows when to look; {@link TreeInspection} knows what is seen, and {@link
 * StrayControl} what is done.
 */
public final class Watch implements Clock.Timed {
  private static final Duration USUAL = Duration.ofMillis(250);
  private static final Duration WITHOUT_LIMIT = Duration.ofMillis(50);
  // Looks take no more than this part of the time, whatever the size and the number of trees.
  private static final int LOOKS_PART = 20;
  private static final Duration LONGEST = Duration.ofSeconds(5);
  private static final Duration LONGEST_WITHOUT_LIMIT = Duration.ofSeconds(1);

  // The thread that waits for the end of the watch waits no longer for a look that hangs.
  private static final Duration STOP_PATIENCE = Duration.ofMillis(200);

  private final ProcessId main;
  private final Duration usual;
  private final Duration longest;
  private final StrayControl strays;
  private final TreeInspection inspection;
  private final Runnable wake;
  private volatile Optional<Reason> seen = Optional.empty();
  private volatile Throwable failure;
  // When the next look is due, by System.nanoTime, and whether one is being made.
  private long due;
  private boolean looking;
  private boolean stopped;

  /** Takes reports of processes that neither a cgroup nor a parent may lead to later. */
  @FunctionalInterface
  public interface Adoptions {
    /** Notes that this process has lost its parent or has left the cgroup. */
    void adopted(ProcessId process) throws IOException;

    /** Notes that a look is over, and that all its finds have been told. */
    default void looked() throws IOException {}
  }

  /**
   * Makes the watch of one command.
   *
   * @param main the command's main process
   * @param adopted the tree where the command's orphans come to a guard that runs nothing else
   * @param adoptions told once of each process that has left the cgroup, or, where there is none,
   *     has come to the adopter
   * @param mostTasks how many tasks the command may have, where Guard has to see to that; else
   *     empty
   * @param cpuTime how much processor time the command may use, where that is limited
   * @param oomEnds whether a process that the kernel kills for memory ends the command
   * @param bringBack whether a process that left is moved back; else it is killed
   * @param wake wakes the thread that asks for what was {@link #seen}
   */
  public Watch(
      Os os,
      Procfs procfs,
      CommandCgroup cgroup,
      ProcessId main,
      Optional<AdoptedTree> adopted,
      Adoptions adoptions,
      OptionalInt mostTasks,
      Optional<CpuTimeUsed> cpuTime,
      boolean oomEnds,
      boolean bringBack,
      Runnable wake) {
    this.main = main;
    this.usual = mostTasks.isPresent() ? WITHOUT_LIMIT : USUAL;
    this.longest = mostTasks.isPresent() ? LONGEST_WITHOUT_LIMIT : LONGEST;
    this.strays = new StrayControl(os, procfs, cgroup, adoptions, bringBack);
    this.inspection =
        new TreeInspection(procfs, cgroup, main, adopted, mostTasks, cpuTime, oomEnds, strays);
    this.wake = wake;
  }

  /** Lists the first few processes that left the cgroup until now. */
  public List<Stray> strays() {
    return strays.strays();
  }

  /**
   * Starts to look from time to time. This must be called before the command is released: beside a
   * fork bomb there may be no thread to be had.
   */
  public void start() {
    synchronized (this) {
      due = System.nanoTime() + pause(0);
    }
    Clock.OF_THIS_PROCESS.add(this);
  }

  /** Says which event the watch has seen that ends the command. */
  Optional<Reason> seen() throws IOException {
    if (failure != null) {
      throw new IOException("the tree can not be watched: " + failure.getMessage(), failure);
    }
    return seen;
  }

  /** Stops the watch. A look that hangs does nothing after that, and is not waited for. */
  public void stop() {
    strays.stop();
    Clock.OF_THIS_PROCESS.remove(this);
    long until = System.nanoTime() + STOP_PATIENCE.toNanos();
    synchronized (this) {
      stopped = true;
      long left = STOP_PATIENCE.toMillis();
      try {
        while (looking && left > 0) {
          wait(left);
          left = Duration.ofNanos(until - System.nanoTime()).toMillis();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public synchronized long due() {
    // A look that is being made says when the next one is due.
    return looking ? System.nanoTime() + LONGEST.toNanos() : due;
  }

  /** Makes a look, unless one is being made, on a thread that may hang in a file of a process. */
  @Override
  public void strike() {
    synchronized (this) {
      if (stopped || looking) {
        return;
      }
      looking = true;
    }
    TaskThreads.OF_THIS_PROCESS.runAnyhow("guard-watch-" + main.pid(), this::look);
  }

  private void look() {
    long begin = System.nanoTime();
    try {
      seen = inspection.look();
    } catch (IOException | RuntimeException | Error e) {
      failure = e;
    }
    long end = System.nanoTime();
    boolean over = seen.isPresent() || failure != null;
    if (over) {
      Clock.OF_THIS_PROCESS.remove(this);
    }
    long pause = pause(end - begin);
    boolean wakes;
    synchronized (this) {
      due = end + pause;
      looking = false;
      wakes = over && !stopped;
      notifyAll();
    }
    if (wakes) {
      wake.run();
    }
  }

  /** Chooses the pause after a look that took this long. */
  private long pause(long cost) {
    // Of all commands together: a thousand that sleep must not keep a core busy.
    long fair = cost * LOOKS_PART * Math.max(1, Clock.OF_THIS_PROCESS.size());
    // The pause has a bound: when looks take long, there may be a fork bomb to see, or a stray.
    return Math.max(usual.toNanos(), Math.min(fair, longest.toNanos() + cost));
  }
}
