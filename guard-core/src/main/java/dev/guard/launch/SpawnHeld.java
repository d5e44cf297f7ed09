package dev.guard.launch;

import dev.guard.os.MainProcess;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.ProcessId;
import dev.guard.os.WaitedChild;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Stands for a process between the fork and the exec of posix_spawn(3), held at a gate that is a
 * FIFO.
 */
final class SpawnHeld implements Held {
  // A refused process only has to wake up and exit, and a killed one not even that.
  private static final long REFUSE_PATIENCE_SECONDS = 1;
  // The process can wait uninterruptibly, on a dead file system.
  private static final long KILL_PATIENCE_NANOS = 5_000_000_000L;
  private static final long LOOK_NANOS = 100_000;

  private final Os os;
  private final OsString name;
  private final MainProcess main;
  private final FifoGate gate;
  private final CompletableFuture<Integer> executed;
  private final boolean asScript;
  private boolean settled;

  SpawnHeld(
      Os os,
      OsString name,
      MainProcess main,
      FifoGate gate,
      CompletableFuture<Integer> executed,
      boolean asScript) {
    this.os = os;
    this.name = name;
    this.main = main;
    this.gate = gate;
    this.executed = executed;
    this.asScript = asScript;
  }

  @Override
  public MainProcess main() {
    return main;
  }

  @Override
  public boolean asScript() {
    return asScript;
  }

  @Override
  public boolean release(Duration patience, CompletableFuture<?> cancelled)
      throws IOException, NotExecutedException {
    if (settled) {
      throw new IllegalStateException(name + " was released or abandoned before");
    }
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

  @Override
  public void abandon() throws IOException {
    if (!settled) {
      settled = true;
      refuse(os, Optional.of(main), gate, executed);
    }
  }

  /**
   * Sends a process that is at the gate, or on its way there, to its end.
   *
   * @param main the process, if it is known
   */
  static void refuse(
      Os os, Optional<MainProcess> main, FifoGate gate, CompletableFuture<Integer> executed)
      throws IOException {
    Optional<MainProcess> left = main;
    try {
      gate.refuse();
      int pid = executed.get(REFUSE_PATIENCE_SECONDS, TimeUnit.SECONDS);
      // Somebody has killed the process.
      left = main.or(() -> Optional.of(new WaitedChild(os, new ProcessId(pid, 0), -1, false)));
    } catch (ExecutionException e) {
      // The process failed, as it should, and posix_spawn has waited for it.
      left = main.filter(m -> !m.hasBeenWaitedFor());
    } catch (IOException | RuntimeException | Error | TimeoutException | InterruptedException e) {
      if (main.isEmpty()) {
        // The gate stays: the lifeline opens it when this process ends.
        throw new IOException("a held process could not be ended: " + e.getMessage(), e);
      }
    }
    if (left.isPresent()) {
      // The process is stopped, or the gate can not be opened now: KILL ends also a blocked open.
      kill(left.get(), executed);
    }
    gate.remove();
  }

  /**
   * Ends a process that has not executed its program by SIGKILL, also where it is stopped, and
   * waits for that.
   *
   * @param executed completes when nobody else waits for the process any more
   */
  static void kill(MainProcess process, CompletableFuture<Integer> executed) throws IOException {
    long deadline = System.nanoTime() + KILL_PATIENCE_NANOS;
    process.kill();
    // The result of posix_spawn comes first, which waits for the process itself where that had
    // failed already.
    while (!executed.isDone() || !process.hasEnded()) {
      process.kill();
      if (System.nanoTime() > deadline) {
        throw new IOException("the held process " + process.pid() + " does not end after SIGKILL");
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  /** Removes the rest of the gate, and closes the pidfd. */
  @Override
  public void close() throws IOException {
    try {
      gate.remove();
    } finally {
      main.close();
    }
  }
}
