package dev.guard.monitor;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.os.Signals;
import dev.guard.process.AdoptedTree;
import dev.guard.process.Descendants;
import dev.guard.value.Ending.Reason;
import dev.guard.value.Result.Stray;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks at the whole tree of a command from time to time, for what no event tells: a process that
 * has left the cgroup, a process that the kernel killed for memory beside others that live, the
 * processor time of the whole tree, and, where no kernel limit stops it, more tasks than there may
 * be.
 */
public final class Watch {
  private static final Duration USUAL = Duration.ofMillis(250);
  private static final Duration WITHOUT_LIMIT = Duration.ofMillis(50);
  // A look takes no more than this part of the time, whatever the size of the tree.
  private static final int LOOKS_PART = 20;
  private static final Duration LONGEST = Duration.ofSeconds(1);
  private static final int MOST_STRAYS = 20;

  // Whoever waits for the end of the watch waits no longer for a look that hangs.
  private static final Duration STOP_PATIENCE = Duration.ofMillis(200);

  private final Os os;
  private final Procfs procfs;
  private final CommandCgroup cgroup;
  private final ProcessId main;
  private final Optional<AdoptedTree> adopted;
  private final Adoptions adoptions;
  private final OptionalInt mostTasks;
  private final Optional<CpuTimeUsed> cpuTime;
  private final boolean bringBack;
  private final Runnable wake;
  private final Set<ProcessId> told = new HashSet<>();
  private final Set<ProcessId> outOfReach = new HashSet<>();
  private final List<Stray> strays = Collections.synchronizedList(new ArrayList<>());
  private Thread thread;
  private volatile Optional<Reason> seen = Optional.empty();
  private volatile Throwable failure;
  private volatile boolean over;

  /** Who has to know of processes that neither a cgroup nor a parent may lead to later. */
  @FunctionalInterface
  public interface Adoptions {
    /** This process has lost its parent or has left the cgroup. */
    void adopted(ProcessId process) throws IOException;

    /** A look is over, which told of all that it found. */
    default void looked() throws IOException {}
  }

  /**
   * Watches one command.
   *
   * @param main the command's main process
   * @param adopted the tree where its orphans come to a guard that runs nothing else
   * @param adoptions is told once of each process that has left the cgroup, or, where there is
   *     none, has come to the adopter
   * @param mostTasks how many tasks it may have, where Guard has to see to that; else empty
   * @param cpuTime how much processor time it may use, where that is limited
   * @param bringBack whether a process that left is moved back; else it is killed
   * @param wake wakes whoever asks for what was {@link #seen}
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
    this.os = os;
    this.procfs = procfs;
    this.cgroup = cgroup;
    this.main = main;
    this.adopted = adopted;
    this.adoptions = adoptions;
    this.mostTasks = mostTasks;
    this.cpuTime = cpuTime;
    this.bringBack = bringBack;
    this.wake = wake;
  }

  /** What left the cgroup until now. */
  public List<Stray> strays() {
    return List.copyOf(strays);
  }

  /**
   * Starts to look from time to time. To be called before the command is released: beside a fork
   * bomb there may be no thread to be had.
   */
  public void start() {
    Thread looks = new Thread(this::run, "guard-watch-" + main.pid());
    looks.setDaemon(true);
    looks.start();
    thread = looks;
  }

  /** What it has seen that ends the command. */
  Optional<Reason> seen() throws IOException {
    if (failure != null) {
      throw new IOException("the tree can not be watched: " + failure.getMessage(), failure);
    }
    return seen;
  }

  /** Looks no more. A look that hangs does nothing after that, and is not waited for. */
  public void stop() {
    over = true;
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
        seen = lookNow();
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
    Duration usual = mostTasks.isPresent() ? WITHOUT_LIMIT : USUAL;
    // Not for ever: when looks are dear, there may be a bomb to see.
    return Math.max(usual.toNanos(), Math.min(cost * LOOKS_PART, LONGEST.toNanos() + cost));
  }

  private Optional<Reason> lookNow() throws IOException {
    if (cgroup.oomKills().orElse(0) > 0) {
      return Optional.of(Reason.OUT_OF_MEMORY);
    }
    long begin = procfs.uptimeTicks();
    Set<Integer> tree = tree();
    if (mostTasks.isPresent() && tasks(tree) > mostTasks.getAsInt()) {
      return Optional.of(Reason.TOO_MANY_TASKS);
    }
    if (cpuTime.isPresent() && cpuTime.get().isAll(tree)) {
      return Optional.of(Reason.OUT_OF_CPU_TIME);
    }
    told.removeIf(process -> !tree.contains(process.pid()));
    outOfReach.removeIf(process -> !tree.contains(process.pid()));
    if (cgroup.exists()) {
      for (int pid : cgroup.strays(tree, procfs)) {
        Optional<Procfs.Stat> stat =
            procfs.stat(pid).filter(s -> s.startTicks() < begin && isIn(tree, s));
        if (stat.isPresent() && !over) {
          deal(stat.get());
        }
      }
    } else if (adopted.isPresent()) {
      tellOfOrphans(tree);
    }
    adoptions.looked();
    return Optional.empty();
  }

  private Set<Integer> tree() throws IOException {
    Set<Integer> tree =
        adopted.isPresent()
            ? adopted.get().processes(cgroup::processes)
            : new TreeSet<>(Descendants.on(procfs).of(main.pid()));
    tree.add(main.pid());
    return tree;
  }

  /** Its number may be another's since the walk through the tree: then its parent is another. */
  private boolean isIn(Set<Integer> tree, Procfs.Stat process) {
    return process.id().equals(main) || tree.contains(process.parent()) || isAdopted(process);
  }

  private boolean isAdopted(Procfs.Stat process) {
    return adopted.isPresent() && process.parent() == adopted.get().adopter();
  }

  private void tellOfOrphans(Set<Integer> tree) throws IOException {
    for (int pid : tree) {
      Optional<Procfs.Stat> stat = procfs.stat(pid).filter(this::isAdopted);
      if (stat.isPresent() && pid != main.pid()) {
        tell(stat.get());
      }
    }
  }

  private void tell(Procfs.Stat process) throws IOException {
    if (!over && told.add(process.id())) {
      adoptions.adopted(process.id());
    }
  }

  private int tasks(Set<Integer> tree) throws IOException {
    int tasks = 0;
    for (int pid : tree) {
      tasks += procfs.stat(pid).map(Procfs.Stat::threads).orElse(0);
    }
    return tasks;
  }

  private void deal(Procfs.Stat process) throws IOException {
    tell(process);
    String where =
        String.join(" ", procfs.text(process.pid(), "cgroup").orElse("").lines().toList());
    Optional<Stray.Action> action = bringBack ? bringBack(process) : kill(process);
    if (action.isEmpty()
        || (action.get() == Stray.Action.OUT_OF_REACH && !outOfReach.add(process.id()))) {
      return;
    }
    if (strays.size() < MOST_STRAYS) {
      strays.add(new Stray(process.pid(), process.command(), where, action.get()));
    }
  }

  private Optional<Stray.Action> bringBack(Procfs.Stat process) throws IOException {
    try {
      cgroup.bringBack(process.pid(), procfs);
      return Optional.of(Stray.Action.RETURNED);
    } catch (IOException e) {
      // Not allowed from where it has gone, or it left again: it may not run unlimited.
      return kill(process);
    }
  }

  /** What came of it; empty: it had ended. */
  private Optional<Stray.Action> kill(Procfs.Stat process) throws IOException {
    if (procfs.liveThread(process.pid()).isEmpty()) {
      return Optional.empty();
    }
    try {
      return process.id().signal(os, procfs, Signals.KILL)
          ? Optional.of(Stray.Action.KILLED)
          : Optional.empty();
    } catch (OsException e) {
      if (e.errno() != Errno.EPERM) {
        throw e;
      }
      // It has become another user's, as under sudo(8), and has left with that one's rights.
      return Optional.of(Stray.Action.OUT_OF_REACH);
    }
  }
}
