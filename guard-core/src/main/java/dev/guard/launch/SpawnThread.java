package dev.guard.launch;

import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.Procfs;
import dev.guard.os.SpawnSpec;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;

/**
 * Calls posix_spawn(3) on a thread of its own, since it returns only after the exec, and finds the
 * process that waits at the gate: it is the only child of that thread.
 */
final class SpawnThread {
  // The pause is as short as the kernel makes it: until the process is known it would not end with
  // Guard.
  private static final long POLL_NANOS = 1_000;
  // A fork takes less than a second also where a fork bomb has every processor.
  private static final long PATIENCE_NANOS = 60_000_000_000L;
  private static final Object ONE_SEARCH_AT_A_TIME = new Object();

  private final Os os;
  private final Procfs procfs;
  private final SpawnSpec spec;
  private final FifoGate gate;
  private final CompletableFuture<Integer> executed;

  /**
   * Makes a thread that spawns one process.
   *
   * @param executed gets the pid at the exec, or what has failed
   */
  SpawnThread(
      Os os, Procfs procfs, SpawnSpec spec, FifoGate gate, CompletableFuture<Integer> executed) {
    this.os = os;
    this.procfs = procfs;
    this.spec = spec;
    this.gate = gate;
    this.executed = executed;
  }

  /** Starts the thread, and answers the pid of the process once it leads its process group. */
  int start(String name) throws IOException {
    if (procfs.listsChildren()) {
      return spawn(name);
    }
    synchronized (ONE_SEARCH_AT_A_TIME) {
      return spawn(name);
    }
  }

  private int spawn(String name) throws IOException {
    CompletableFuture<Integer> tid = new CompletableFuture<>();
    boolean listed = procfs.listsChildren();
    Set<Integer> before;
    try {
      Thread thread = new Thread(() -> run(tid), name);
      thread.setDaemon(true);
      before = listed ? Set.of() : childrenByParent();
      thread.start();
    } catch (IOException | RuntimeException | Error e) {
      // The cause is e.g. that no thread can be had: nothing was spawned.
      executed.completeExceptionally(e);
      throw e;
    }
    int spawner = tid.join();
    long begin = System.nanoTime();
    while (System.nanoTime() - begin < PATIENCE_NANOS) {
      Optional<Integer> pid = listed ? childOf(spawner) : newChild(before);
      if (pid.isPresent() && listed) {
        // This is told at once: only now the kernel ends the process with this one, and it waits
        // for nothing else.
        gate.holds(pid.get());
      }
      if (pid.isPresent() && isReady(pid.get())) {
        gate.holds(pid.get());
        return pid.get();
      }
      if (executed.isDone()) {
        throw failure();
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    throw new IOException("posix_spawn of " + spec.path() + " has not started a process in time");
  }

  private void run(CompletableFuture<Integer> tid) {
    try {
      tid.complete(os.threadId());
      executed.complete(os.spawn(spec));
    } catch (OsException | RuntimeException | Error e) {
      executed.completeExceptionally(e);
      tid.completeExceptionally(e);
    }
  }

  /**
   * Tells whether the child is ready to be held: it leads its process group, if it is to lead one.
   */
  private boolean isReady(int pid) throws OsException {
    return spec.leads() == SpawnSpec.Leads.NOTHING || os.processGroup(pid) == pid;
  }

  private Optional<Integer> childOf(int tid) throws IOException {
    List<Integer> children = procfs.childrenOfThread(tid);
    return children.isEmpty() ? Optional.empty() : Optional.of(children.get(0));
  }

  private Optional<Integer> newChild(Set<Integer> before) throws IOException {
    return childrenByParent().stream().filter(pid -> !before.contains(pid)).findFirst();
  }

  private Set<Integer> childrenByParent() throws IOException {
    Set<Integer> children = new HashSet<>();
    for (int pid : procfs.pids()) {
      procfs.stat(pid).filter(s -> s.parent() == os.pid()).ifPresent(s -> children.add(s.pid()));
    }
    return children;
  }

  /** Answers why a spawn has ended before its gate, e.g. EAGAIN, or no such directory. */
  private IOException failure() {
    try {
      return new IOException(
          "posix_spawn of " + spec.path() + " got past its gate as pid " + executed.get());
    } catch (ExecutionException e) {
      return e.getCause() instanceof OsException o ? o : new IOException(e.getCause());
    } catch (InterruptedException e) {
      return new IOException("interrupted", e);
    }
  }
}
