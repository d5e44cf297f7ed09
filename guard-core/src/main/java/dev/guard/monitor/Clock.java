package dev.guard.monitor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Tells the watches and the deadlines of this process when they are due. One thread does that for
 * all, so that a command which waits costs no thread of its own, and one that is short costs no
 * wake-up.
 */
final class Clock {
  static final Clock OF_THIS_PROCESS = new Clock();

  private static final long TICK_NANOS = 50_000_000L;
  // The thread outlasts short commands that follow one another, so that not each has to make it.
  private static final long KEPT_NANOS = 10_000_000_000L;

  private final List<Timed> all = new ArrayList<>();
  private Thread thread;
  private long wakes;
  private long usedAt;
  private volatile int size;

  /** Waits to be told the time. */
  interface Timed {
    /** Says when it is due, by {@link System#nanoTime}; the clock asks again at each tick. */
    long due();

    /** Tells that it is due, on the clock's thread, so that this must not wait. */
    void strike();
  }

  /**
   * Adds one.
   *
   * @throws OutOfMemoryError when the clock has no thread, and none can be had
   */
  void add(Timed one) {
    long due = one.due();
    synchronized (this) {
      add(one, due);
    }
  }

  private void add(Timed one, long due) {
    if (thread == null) {
      Thread made = new Thread(this::tick, "guard-clock");
      made.setDaemon(true);
      wakes = System.nanoTime();
      usedAt = wakes;
      made.start();
      thread = made;
    } else if (due - wakes < 0) {
      LockSupport.unpark(thread);
    }
    all.add(one);
    size = all.size();
  }

  /** Counts those that wait. */
  int size() {
    return size;
  }

  /** Removes one. A second call has no effect. */
  synchronized void remove(Timed one) {
    all.remove(one);
    size = all.size();
  }

  private void tick() {
    while (isWanted()) {
      try {
        park();
        strikeAll();
      } catch (RuntimeException | Error e) {
        // Out of memory, say: without this thread no deadline would ever come, so it looks again.
        continue;
      }
    }
  }

  /** Ends the thread where nobody has waited for some time: whoever comes then makes another. */
  private synchronized boolean isWanted() {
    boolean wanted = !all.isEmpty() || System.nanoTime() - usedAt <= KEPT_NANOS;
    if (!wanted) {
      thread = null;
    }
    return wanted;
  }

  /** Sleeps until the first is due; none is asked under the clock's lock, as each has its own. */
  private void park() {
    List<Timed> now;
    synchronized (this) {
      now = List.copyOf(all);
      // Whoever comes while the others are asked must wake this thread.
      wakes = System.nanoTime() + KEPT_NANOS;
    }
    long pause = nanosToFirst(now);
    synchronized (this) {
      wakes = System.nanoTime() + pause;
    }
    LockSupport.parkNanos(this, pause);
  }

  private void strikeAll() {
    List<Timed> now;
    synchronized (this) {
      now = List.copyOf(all);
      usedAt = now.isEmpty() ? usedAt : System.nanoTime();
    }
    for (Timed one : now) {
      if (System.nanoTime() - one.due() >= 0) {
        one.strike();
      }
    }
  }

  private static long nanosToFirst(List<Timed> all) {
    long now = System.nanoTime();
    long first = TICK_NANOS;
    for (Timed one : all) {
      first = Math.min(first, Math.max(0, one.due() - now));
    }
    return first;
  }
}
