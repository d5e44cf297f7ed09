package dev.guard.exec.launch;

import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import dev.guard.os.Signals;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** A spawned process in its own process group that has not exec'd yet, and waits to be released. */
public final class Held implements AutoCloseable {
  // A refused process only has to wake up and exit.
  private static final long REFUSE_PATIENCE_SECONDS = 1;
  // It can wait uninterruptibly, on a dead file system.
  private static final long KILL_PATIENCE_NANOS = 5_000_000_000L;
  private static final long LOOK_NANOS = 100_000;

  private final Os os;
  private final OsString name;
  private final int pid;
  private final long startTicks;
  private final Gate gate;
  private final CompletableFuture<Integer> executed;
  private final boolean asScript;
  private int pidfd;
  private boolean settled;

  Held(
      Os os,
      OsString name,
      int pid,
      long startTicks,
      int pidfd,
      Gate gate,
      CompletableFuture<Integer> executed,
      boolean asScript) {
    this.os = os;
    this.name = name;
    this.pid = pid;
    this.startTicks = startTicks;
    this.pidfd = pidfd;
    this.gate = gate;
    this.executed = executed;
    this.asScript = asScript;
  }

  /** Its pid, which is also its process group. */
  public int pid() {
    return pid;
  }

  /** Its start time, which with the pid identifies it, see {@link Procfs.Stat}. */
  public long startTicks() {
    return startTicks;
  }

  /** A pidfd of it, readable when it ends; -1 where the kernel has none (before 5.3). */
  public int pidfd() {
    return pidfd;
  }

  /** Whether it is the shell that is to run the program as a script. */
  public boolean asScript() {
    return asScript;
  }

  /**
   * Lets it exec and waits for that. Once this was called the process may run, whatever is thrown,
   * unless that is {@link NotExecutedException}.
   *
   * @param cancelled completes when nobody wants to wait any more
   * @return false when the exec has not happened in this time or until it was cancelled, as on a
   *     dead network file system; it may happen yet
   */
  public boolean release(Duration patience, CompletableFuture<?> cancelled)
      throws IOException, NotExecutedException {
    gate.open();
    settled = true;
    try {
      CompletableFuture.anyOf(executed.handle((pid, failure) -> pid), cancelled)
          .get(TimeUnit.NANOSECONDS.convert(patience), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException | InterruptedException e) {
      throw new IOException("interrupted while " + name + " was executed", e);
    }
    if (!executed.isDone()) {
      return false;
    }
    try {
      executed.get();
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof OsException failure) {
        throw NotExecutedException.of(name, failure.errno());
      }
      throw new IOException("posix_spawn of " + name, e.getCause());
    } catch (InterruptedException e) {
      throw new IOException("interrupted while " + name + " was executed", e);
    } finally {
      gate.remove();
    }
  }

  /** Ends it unrun; no effect once {@link #release} has opened the gate. */
  public void abandon() throws IOException {
    if (!settled) {
      settled = true;
      refuse(os, pid, gate, executed);
    }
  }

  /**
   * Sends a process that is, or is on its way to, the gate to its end.
   *
   * @param pid its pid if it is known, else 0
   */
  static void refuse(Os os, int pid, Gate gate, CompletableFuture<Integer> executed)
      throws IOException {
    try {
      gate.refuse();
      executed.get(REFUSE_PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      // As it should be: it failed, and posix_spawn has waited for it.
      gate.remove();
      return;
    } catch (OsException | TimeoutException | InterruptedException e) {
      if (pid == 0) {
        // The gate stays: the lifeline opens it when this process ends.
        throw new IOException("a held process could not be ended: " + e.getMessage(), e);
      }
      // It is stopped, or there is no descriptor for the gate: KILL ends also a blocked open.
      os.kill(pid, Signals.KILL);
      awaitKilled(os, pid, executed);
    }
    gate.remove();
  }

  private static void awaitKilled(Os os, int pid, CompletableFuture<Integer> executed)
      throws IOException {
    long deadline = System.nanoTime() + KILL_PATIENCE_NANOS;
    // First posix_spawn, which waits for the process itself where that had failed already.
    while (!executed.isDone()
        || (!executed.isCompletedExceptionally() && os.waitNoHang(pid) == null)) {
      if (System.nanoTime() > deadline) {
        throw new IOException("the held process " + pid + " does not end after SIGKILL");
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  /** Closes the pidfd, and the gate of a process that has not executed. */
  @Override
  public void close() throws IOException {
    gate.remove();
    if (pidfd >= 0) {
      os.close(pidfd);
      pidfd = -1;
    }
  }
}
