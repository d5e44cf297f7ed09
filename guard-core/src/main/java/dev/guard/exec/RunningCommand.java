package dev.guard.exec;

import dev.guard.CommandRequest;
import dev.guard.CommandResult;
import dev.guard.Layer;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A command that was handed to {@link Guard}: it waits for admission, runs, or has ended. Safe for
 * use by many threads.
 */
public final class RunningCommand {
  private final String id;
  private final CommandRequest request;
  private final Instant requested = Instant.now();
  private final Os os;
  private final CompletableFuture<CommandResult> result = new CompletableFuture<>();
  private final CompletableFuture<List<Layer>> released = new CompletableFuture<>();
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private final CompletableFuture<Void> whenCancelled = new CompletableFuture<>();
  private final int[] wake;
  private int cancelSignal;
  private int group;
  private boolean wakeClosed;

  RunningCommand(Os os, String id, CommandRequest request) throws OsException {
    this.os = os;
    this.id = id;
    this.request = request;
    this.wake = os.pipe();
  }

  /** The id, 16 hexadecimal digits, also in the command's GUARD_ID and in its cgroup's name. */
  public String id() {
    return id;
  }

  /**
   * Completes when the command has ended, its tree has gone and its cgroup is removed. It completes
   * exceptionally only with an error of Guard's own code; refusals and failures are results.
   * Cancelling the future does nothing to the command.
   */
  public CompletableFuture<CommandResult> result() {
    return result;
  }

  /**
   * Completes with the receipt when the command has been released and has exec'd; never, if it does
   * not come to that.
   */
  public CompletableFuture<List<Layer>> released() {
    return released;
  }

  /**
   * Ends the command's tree as its timeout would; before its release, the command does not run at
   * all. Again: no effect.
   */
  public void cancel() {
    cancelWith(0);
  }

  /**
   * Sends a signal to the command's process group; before its release, the command does not run at
   * all.
   *
   * @param signal a signal number, 1 to 64
   */
  public void signal(int signal) throws OsException {
    synchronized (this) {
      if (group != 0) {
        os.kill(-group, signal);
        return;
      }
    }
    cancelWith(signal);
  }

  private synchronized void cancelWith(int signal) {
    if (cancelled.getCount() == 0) {
      return;
    }
    cancelSignal = signal;
    cancelled.countDown();
    whenCancelled.complete(null);
    wake();
  }

  /** Makes {@link #cancelDescriptor} readable, for whoever polls it. */
  synchronized void wake() {
    if (!wakeClosed) {
      try {
        os.write(wake[1], new byte[] {0});
      } catch (OsException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Completes once it is cancelled. */
  CompletableFuture<Void> whenCancelled() {
    return whenCancelled;
  }

  CommandRequest request() {
    return request;
  }

  Instant requested() {
    return requested;
  }

  void hasRun(List<Layer> receipt) {
    released.complete(receipt);
  }

  /** Readable once it is cancelled, or after {@link #wake}. */
  int cancelDescriptor() {
    return wake[0];
  }

  /** Waits this long; true when it was cancelled. */
  boolean cancelledWithin(Duration time) throws InterruptedException {
    return cancelled.await(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  synchronized int cancelSignal() {
    return cancelSignal;
  }

  /** From now on signals go to this group; false when it was cancelled first. */
  synchronized boolean runsAs(int pgid) {
    if (cancelled.getCount() == 0) {
      return false;
    }
    group = pgid;
    return true;
  }

  /** The main process was waited for, so that its number may soon be another's. */
  synchronized void ended() {
    group = 0;
  }

  synchronized void close() throws OsException {
    wakeClosed = true;
    group = 0;
    os.close(wake[0]);
    os.close(wake[1]);
  }
}
