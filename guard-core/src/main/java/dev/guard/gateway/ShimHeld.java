package dev.guard.gateway;

import dev.guard.launch.Held;
import dev.guard.launch.NotExecutedException;
import dev.guard.os.MainProcess;
import dev.guard.os.Procfs;
import dev.guard.value.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** A child of a shim that waits for its release. */
final class ShimHeld implements Held {
  private static final long ABANDON_PATIENCE_NANOS = 5_000_000_000L;
  private static final long LOOK_NANOS = 200_000;

  private final Procfs procfs;
  private final ShimConnection shim;
  private final ShimChild child;
  private final Request request;
  private final boolean asScript;
  private boolean settled;

  ShimHeld(Procfs procfs, ShimConnection shim, ShimChild child, Request request, boolean asScript) {
    this.procfs = procfs;
    this.shim = shim;
    this.child = child;
    this.request = request;
    this.asScript = asScript;
  }

  /** Makes one that was released by another gateway. */
  static ShimHeld released(Procfs procfs, ShimConnection shim, ShimChild child, Request request) {
    ShimHeld held = new ShimHeld(procfs, shim, child, request, false);
    held.settled = true;
    return held;
  }

  @Override
  public MainProcess main() {
    return child;
  }

  @Override
  public boolean asScript() {
    return asScript;
  }

  @Override
  public boolean release(Duration patience, CompletableFuture<?> cancelled)
      throws IOException, NotExecutedException {
    settled = true;
    CompletableFuture<HeldAnswer> executed = shim.release();
    try {
      CompletableFuture.anyOf(executed, cancelled).get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      throw new IOException("interrupted while " + request.argv().get(0) + " was executed", e);
    }
    if (!executed.isDone()) {
      return false;
    }
    HeldAnswer answer = executed.join();
    if (answer.failure().isPresent()) {
      throw answer.failure().get().of(request);
    }
    return true;
  }

  @Override
  public void notPlaced(String why) {
    shim.leaveToItself(why);
  }

  @Override
  public void abandon() throws IOException {
    if (settled) {
      return;
    }
    settled = true;
    shim.abandon();
    long deadline = System.nanoTime() + ABANDON_PATIENCE_NANOS;
    while (child.id().lives(procfs)) {
      if (System.nanoTime() > deadline) {
        throw new IOException("the held process " + child.pid() + " does not end");
      }
      child.kill();
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  @Override
  public void close() throws IOException {
    child.close();
  }
}
