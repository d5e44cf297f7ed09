package dev.guard.exec.launch;

import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.Signals;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A spawned process in its own process group that has not exec'd yet, and waits to be released. */
public final class Held implements AutoCloseable {
  private final Os os;
  private final OsString name;
  private final int pid;
  private int pidfd;
  private final Gate gate;
  private final CompletableFuture<Integer> executed;
  private final boolean asScript;
  private boolean settled;

  Held(
      Os os,
      OsString name,
      int pid,
      int pidfd,
      Gate gate,
      CompletableFuture<Integer> executed,
      boolean asScript) {
    this.asScript = asScript;
    this.os = os;
    this.name = name;
    this.pid = pid;
    this.pidfd = pidfd;
    this.gate = gate;
    this.executed = executed;
  }

  /** Its pid, which is also its process group. */
  public int pid() {
    return pid;
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
   * Lets it exec and waits for that.
   *
   * @return false when the exec has not happened in this time, as on a dead network file system
   */
  public boolean release(Duration patience) throws IOException, NotExecutedException {
    settled = true;
    gate.open();
    try {
      executed.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
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

  /** Ends it unrun. */
  public void abandon() throws IOException {
    if (settled) {
      return;
    }
    settled = true;
    os.kill(pid, Signals.KILL);
    gate.open();
    executed.exceptionally(e -> -1).join();
    gate.remove();
    while (os.waitNoHang(pid) == null) {
      Thread.onSpinWait();
    }
  }

  /** Closes the pidfd. */
  @Override
  public void close() throws IOException {
    if (pidfd >= 0) {
      os.close(pidfd);
      pidfd = -1;
    }
  }
}
