package dev.guard.cli;

import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition, never for a time. */
final class Polling {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final long LOOK_NANOS = 200_000;
  private static final long LOOK_MAX_NANOS = 20_000_000;

  private Polling() {}

  /** Returns as soon as it holds; fails when it does not within half a minute. */
  static void until(String what, Callable<Boolean> condition) {
    until(what, DEADLINE, condition);
  }

  static void until(String what, Duration within, Callable<Boolean> condition) {
    long deadline = System.nanoTime() + within.toNanos();
    long pause = LOOK_NANOS;
    while (!holds(condition)) {
      if (System.nanoTime() > deadline) {
        fail("not within %s: %s", within, what);
      }
      LockSupport.parkNanos(pause);
      pause = Math.min(LOOK_MAX_NANOS, pause + pause / 8);
    }
  }

  private static boolean holds(Callable<Boolean> condition) {
    try {
      return condition.call();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
