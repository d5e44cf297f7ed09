package dev.guard.monitor;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.os.Os;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.process.AdoptedTree;
import dev.guard.value.Ending.Reason;
import dev.guard.value.Result.Stray;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks at the whole tree of a command from time to time, for things that no event tells: a process
 * that has left the cgroup, a process that the kernel killed for memory beside others that live,
 * the processor time of the whole tree, and, where no kernel limit stops it, more tasks than there
 * may be.
 *
 * <p>The watch knows when to look; {@link TreeInspection} knows what is seen, and {@link
 * StrayControl} what is done.
 */
public final class Watch {
  private static final Duration USUAL = Duration.ofMillis(250);
  private static final Duration WITHOUT_LIMIT = Duration.ofMillis(50);
  // A look takes no more than this part of the time, whatever the size of the tree.
  private static final int LOOKS_PART = 20;
  private static final Duration LONGEST = Duration.ofSeconds(1);

  // The thread that waits for the end of the watch waits no longer for a look that hangs.
  private static final Duration STOP_PATIENCE = Duration.ofMillis(200);

  private final ProcessId main;
  private final Duration usual;
  private final StrayControl strays;
  private final TreeInspection inspection;
  private final Runnable wake;
  private Thread thread;
  private volatile Optional<Reason> seen = Optional.empty();
  private volatile Throwable failure;
  private volatile boolean over;

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
      boolean bringBack,
      Runnable wake) {
    this.main = main;
    this.usual = mostTasks.isPresent() ? WITHOUT_LIMIT : USUAL;
    this.strays = new StrayControl(os, procfs, cgroup, adoptions, bringBack);
    this.inspection = new TreeInspection(procfs, cgroup, main, adopted, mostTasks, cpuTime, strays);
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
    Thread looks = new Thread(this::run, "guard-watch-" + main.pid());
    looks.setDaemon(true);
    looks.start();
    thread = looks;
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
    over = true;
    strays.stop();
    if (thread != null) {
      LockSupport.unpark(thread);
      try {
        thread.join(STOP_PATIENCE.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run() {
    try {
      long cost = 0;
      while (seen.isEmpty()) {
        LockSupport.parkNanos(pause(cost));
        if (over) {
          return;
        }
        long begin = System.nanoTime();
        seen = inspection.look();
        cost = System.nanoTime() - begin;
      }
    } catch (IOException | RuntimeException | Error e) {
      failure = e;
    }
    if (!over) {
      wake.run();
    }
  }

  private long pause(long cost) {
    // The pause has a bound: when looks take long, there may be a fork bomb to see.
    return Math.max(usual.toNanos(), Math.min(cost * LOOKS_PART, LONGEST.toNanos() + cost));
  }
}
