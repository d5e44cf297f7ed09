package dev.guard.cli;

import java.io.IOException;

/**
 * Runs a shell beside the guarded command, which starts a program again and again, and knows how
 * long the worst took.
 */
final class Neighbour implements AutoCloseable {
  private final Thread thread = new Thread(this::live, "neighbour");
  private volatile boolean ended;
  private long starts;
  private long longestNanos;

  Neighbour() {
    thread.start();
  }

  private void live() {
    while (!ended) {
      long before = System.nanoTime();
      try {
        new ProcessBuilder("/bin/true").start().waitFor();
      } catch (IOException | InterruptedException e) {
        longestNanos = Long.MAX_VALUE;
        return;
      }
      longestNanos = Math.max(longestNanos, System.nanoTime() - before);
      starts++;
    }
  }

  /** The longest that one start and its end took, in seconds; infinite when one failed. */
  double longestSeconds() {
    return longestNanos == Long.MAX_VALUE ? Double.POSITIVE_INFINITY : longestNanos / 1e9;
  }

  long starts() {
    return starts;
  }

  @Override
  public void close() {
    ended = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
