package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import dev.guard.os.Kernel;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.systemd.BusManager;
import dev.guard.systemd.UnitManager;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps the services that stand for commands of callers in units of systemd: they are started when
 * one needs them, and ended when none has for a while. They are not the gateway's own unit, so that
 * its end is not theirs.
 */
public final class StandingUnits implements AutoCloseable {
  /** The name that the holder gives itself, so that no killall of a user means it. */
  static final String HOLDER = "guard-commands";

  private static final Duration START_PATIENCE = Duration.ofSeconds(5);
  private static final Duration IDLE = Duration.ofMinutes(5);
  private static final long LOOK_NANOS = 2_000_000;

  private final Cgroupfs fs;
  private final Procfs procfs;
  private final UnitManager manager;
  private final CallerBounds bounds;
  private final List<String> holder;
  private final Duration idle;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Running> units = new HashMap<>();
  private boolean hasLooked;

  private static final class Running {
    private final ProcessId holder;
    private final Hierarchy hierarchy;
    private int taken;
    private long since = System.nanoTime();

    Running(ProcessId holder, Hierarchy hierarchy) {
      this.holder = holder;
      this.hierarchy = hierarchy;
    }

    // The users have a lock of their own, which is never held over a call: whoever leaves must not
    // wait for a manager.
    synchronized void take() {
      taken++;
    }

    synchronized void leave() {
      taken--;
      since = System.nanoTime();
    }

    synchronized void putOff() {
      since = System.nanoTime();
    }

    /** Tells whether nobody has used it for so long. */
    synchronized boolean isIdle(Duration idle) {
      return taken == 0 && System.nanoTime() - since >= idle.toNanos();
    }
  }

  StandingUnits(
      Kernel kernel, UnitManager manager, UnitManager system, List<String> holder, Duration idle) {
    this.fs = kernel.cgroupfs();
    this.procfs = kernel.procfs();
    this.manager = manager;
    this.bounds = new CallerBounds(fs, manager, system);
    this.holder = holder;
    this.idle = idle;
  }

  /**
   * Asks the manager of this process's user, when there is a caller that needs it.
   *
   * @param shim the program that keeps a unit
   */
  public static StandingUnits of(Kernel kernel, Path shim) {
    int user = kernel.os().userId();
    return new StandingUnits(
        kernel,
        BusManager.ofUser(kernel.os(), user),
        BusManager.ofSystem(kernel.os(), user),
        List.of(shim.toString(), "gateway", "hold"),
        IDLE);
  }

  /**
   * Takes a place for a command of this caller.
   *
   * @throws IOException when there is none, with the reason
   */
  public UnitPlace place(CgroupSituation situation) throws IOException {
    StandingUnit unit = situation.standingUnit();
    Optional<String> bound = bounds.find(unit);
    if (bound.isPresent()) {
      throw new IOException("its unit has bounds that can not be copied: " + bound.get());
    }
    if (!tryLock()) {
      throw new IOException("the service manager is slow");
    }
    try {
      lookForOthers(situation);
      endIdle(unit.name());
      Running running = units.get(unit.name());
      if (running == null || !running.holder.lives(procfs)) {
        running = start(unit, situation);
        units.put(unit.name(), running);
      }
      running.take();
      return new UnitPlace(
          unit,
          running.hierarchy,
          running.holder.pid(),
          situation.v2().orElseThrow().self(),
          manager,
          leaving(running));
    } finally {
      lock.unlock();
    }
  }

  private boolean tryLock() throws IOException {
    try {
      return lock.tryLock(START_PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      throw new IOException("interrupted while the service manager was asked", e);
    }
  }

  private Runnable leaving(Running running) {
    AtomicBoolean hasLeft = new AtomicBoolean();
    return () -> {
      if (hasLeft.compareAndSet(false, true)) {
        running.leave();
      }
    };
  }

  private Running start(StandingUnit unit, CgroupSituation situation) throws IOException {
    long deadline = System.nanoTime() + START_PATIENCE.toNanos();
    manager.start(unit.name(), unit.properties(holder));
    Optional<Running> running = Optional.empty();
    while (running.isEmpty()) {
      if (System.nanoTime() >= deadline) {
        throw new IOException(unit.name() + " was not started in time");
      }
      LockSupport.parkNanos(LOOK_NANOS);
      running = look(unit.name(), situation);
    }
    return running.get();
  }

  /** Looks at a unit, and answers what runs there once that executes its program. */
  private Optional<Running> look(String unit, CgroupSituation situation) throws IOException {
    Optional<ProcessId> there = holderOf(unit);
    return there.isEmpty()
        ? Optional.empty()
        : Optional.of(new Running(there.get(), situation.placeIn(unit, there.get().pid(), procfs)));
  }

  /** Finds the process that keeps a unit, once it executes its program. */
  private Optional<ProcessId> holderOf(String unit) throws IOException {
    Object pid = manager.properties(unit).get("MainPID");
    if (!(pid instanceof Long number) || number == 0) {
      return Optional.empty();
    }
    return procfs
        .stat(number.intValue())
        .filter(stat -> stat.command().equals(HOLDER))
        .map(Procfs.Stat::id);
  }

  /** Looks once for the units that an earlier gateway has left. */
  private void lookForOthers(CgroupSituation situation) throws IOException {
    if (hasLooked) {
      return;
    }
    for (String name : manager.running(StandingUnit.PREFIX + "*.service")) {
      Optional<Running> running = look(name, situation);
      running.ifPresent(r -> units.putIfAbsent(name, r));
    }
    hasLooked = true;
  }

  /** Ends the units that have had no command for long, but for the one that is wanted now. */
  private void endIdle(String wanted) {
    for (String name : new ArrayList<>(units.keySet())) {
      Running running = units.get(name);
      if (running.isIdle(idle) && !wanted.equals(name)) {
        end(name, running);
      }
    }
  }

  private void end(String name, Running running) {
    try {
      // It may have commands of an earlier gateway, which go on without it.
      Path base = BaseCgroup.of(BaseCgroup.home(running.hierarchy.self()));
      boolean hasCommands = fs.subtree(base).stream().anyMatch(BaseCgroup::isPlace);
      if (hasCommands) {
        return;
      }
      if (running.holder.lives(procfs)) {
        manager.stop(name);
      }
      units.remove(name);
    } catch (IOException e) {
      // It is tried again later, and is nothing to the command that is to be run now.
      running.putOff();
    }
  }

  /** Lets connections to managers go that nobody uses. Waits for nothing. */
  public void rest() {
    manager.rest();
    bounds.rest();
  }

  /** Ends the units without a command. */
  @Override
  public void close() {
    lock.lock();
    try {
      for (String name : new ArrayList<>(units.keySet())) {
        if (units.get(name).isIdle(Duration.ZERO)) {
          end(name, units.get(name));
        }
      }
    } finally {
      lock.unlock();
    }
  }
}
