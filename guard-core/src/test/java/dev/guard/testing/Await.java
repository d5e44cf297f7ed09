package dev.guard.testing;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition, and fails when it does not come true. */
public final class Await {
  // Far above what anything here takes on a loaded machine: it only bounds how long a failure
  // takes.
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final long LOOK_NANOS = 1_000_000L;

  private Await() {}

  /** Something that may come true. */
  @FunctionalInterface
  public interface Condition {
    /** Whether it is true now. */
    boolean holds() throws Exception;
  }

  /**
   * Returns as soon as the condition holds; {@code what} says what was missing if it never does.
   */
  public static void until(String what, Condition condition) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + PATIENCE.toSeconds() + " s: " + what);
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }
}
