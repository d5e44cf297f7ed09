package dev.guard.command;

import dev.guard.Layer;
import dev.guard.monitor.Alarm;
import dev.guard.os.MainProcess;
import dev.guard.os.OsException;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A handle is what a caller of {@link CommandRunner} has of its command, which waits for admission,
 * runs, or has ended. Safe for use by many threads.
 */
public final class CommandHandle {
  private final String id;
  private final Request request;
  private final Instant requested;
  private final long requestedNanos;
  private final CompletableFuture<Result> result = new CompletableFuture<>();
  private final CompletableFuture<List<Layer>> released = new CompletableFuture<>();
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private final CompletableFuture<Void> whenCancelled = new CompletableFuture<>();
  private final Alarm alarm;
  private int cancelSignal;
  private volatile boolean killed;
  private volatile boolean waiting;
  private volatile Duration waitedForStart = Duration.ZERO;
  // The main process, from its release to its end.
  private MainProcess main;

  CommandHandle(String id, Request request, Alarm alarm) {
    this(id, request, alarm, Instant.now(), System.nanoTime());
  }

  CommandHandle(String id, Request request, Alarm alarm, Instant requested, long requestedNanos) {
    this.requested = requested;
    this.requestedNanos = requestedNanos;
    this.id = id;
    this.request = request;
    this.alarm = alarm;
    // Otherwise a caller that waits for the release would wait for ever.
    result.whenComplete(
        (ended, failure) ->
            released.completeExceptionally(
                new CancellationException("the command has ended and did not run")));
  }

  /**
   * Tells the command's id: 16 hexadecimal digits, also in its GUARD_ID and in its cgroup's name.
   */
  public String id() {
    return id;
  }

  /**
   * Completes when the command has ended, its tree has gone and its cgroup is removed. The future
   * completes exceptionally only with an error of Guard's own code; refusals and failures are
   * results. Cancelling it does nothing to the command.
   */
  public CompletableFuture<Result> result() {
    return result;
  }

  /**
   * Completes with the receipt when the command has been released and has exec'd; exceptionally,
   * with a {@link CancellationException}, after the result of one that did not come to that.
   */
  public CompletableFuture<List<Layer>> released() {
    return released;
  }

  /**
   * Answers how long the rate limit held the command back; known from its last step before release
   * on.
   */
  public Duration waitedForStart() {
    return waitedForStart;
  }

  void waitedForStart(Duration time) {
    waitedForStart = time;
    waiting = false;
  }

  /** Tells whether the command waits for a place in its budget, or for the rate limit. */
  public boolean isWaiting() {
    return waiting && !result.isDone();
  }

  /**
   * Ends the command's tree as its timeout would; before its release, the command does not run at
   * all. A second call has no effect.
   */
  public void cancel() {
    cancelWith(0, false);
  }

  /**
   * Ends the command's tree by KILL, without a grace; before its release, the command does not run
   * at all. After {@link #cancel} this has no effect.
   */
  public void kill() {
    killed = true;
    cancelWith(0, false);
  }

  /** Tells whether the command was ended by {@link #kill}. */
  public boolean isKilled() {
    return killed;
  }

  /**
   * Sends a signal to the command's process group, and never to a later one with its number; before
   * its release, the command does not run at all.
   *
   * @param signal a signal number, 1 to 64
   */
  public void signal(int signal) throws OsException {
    synchronized (this) {
      if (main != null) {
        main.signalGroup(signal);
        return;
      }
    }
    cancelWith(signal, false);
  }

  /**
   * Takes note of a signal that somebody else sends to the command's group once that is released;
   * before its release, the command does not run at all.
   */
  public void signalOfReleaser(int signal) {
    cancelWith(signal, true);
  }

  private void cancelWith(int signal, boolean onlyUnrun) {
    synchronized (this) {
      if (cancelled.getCount() == 0 || (onlyUnrun && main != null)) {
        return;
      }
      cancelSignal = signal;
      cancelled.countDown();
    }
    whenCancelled.complete(null);
    alarm.ring();
  }

  /** Completes once the command is cancelled. */
  public CompletableFuture<Void> whenCancelled() {
    return whenCancelled;
  }

  public Request request() {
    return request;
  }

  public Instant requested() {
    return requested;
  }

  /** Tells when the request came, by {@link System#nanoTime}. */
  public long requestedNanos() {
    return requestedNanos;
  }

  public void hasRun(List<Layer> receipt) {
    released.complete(receipt);
  }

  /** Answers what rings when the command is cancelled. */
  Alarm alarm() {
    return alarm;
  }

  /** Waits this long; true when the command was cancelled. */
  public boolean cancelledWithin(Duration time) throws InterruptedException {
    if (!time.isZero()) {
      waiting = true;
    }
    return cancelled.await(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  public synchronized int cancelSignal() {
    return cancelSignal;
  }

  /**
   * Directs signals to the group of this process from now on; false when the command was cancelled
   * first.
   */
  public synchronized boolean runsAs(MainProcess process) {
    if (cancelled.getCount() == 0) {
      return false;
    }
    main = process;
    return true;
  }

  /** Sends no signal to the command's group from now on: its number may be another group's soon. */
  public synchronized void groupEnded() {
    main = null;
  }

  void close() throws OsException {
    synchronized (this) {
      main = null;
    }
    alarm.close();
  }
}
