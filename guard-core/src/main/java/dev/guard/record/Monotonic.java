package dev.guard.record;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;

/**
 * Says when a command was requested and when its time is over, by {@link System#nanoTime}: the
 * kernel's CLOCK_MONOTONIC, which is one for all processes since boot, and which nobody can set.
 *
 * @param requested the moment of the request; empty in the record of a guard that did not write it
 *     yet
 * @param deadline empty without a timeout
 */
public record Monotonic(OptionalLong requested, OptionalLong deadline) {
  /** The moments of a command of which nothing is known. */
  public static final Monotonic UNKNOWN = new Monotonic(OptionalLong.empty(), OptionalLong.empty());

  /** Makes the moments of a command that was requested just then, and has no deadline yet. */
  public static Monotonic requestedAt(long nanos) {
    return new Monotonic(OptionalLong.of(nanos), OptionalLong.empty());
  }

  /** Adds a deadline. */
  public Monotonic due(OptionalLong nanos) {
    return new Monotonic(requested, nanos);
  }

  /**
   * Tells how long ago a moment was.
   *
   * @param wall the same moment by the wall clock, which may have been set meanwhile
   */
  public static Duration since(OptionalLong nanos, Instant wall) {
    Duration time =
        nanos.isPresent()
            ? Duration.ofNanos(System.nanoTime() - nanos.getAsLong())
            : Duration.between(wall, Instant.now());
    return time.isNegative() ? Duration.ZERO : time;
  }

  /** Tells how long it is until a moment; {@code wall} as in {@link #since}. */
  public static Duration until(OptionalLong nanos, Instant wall) {
    Duration time =
        nanos.isPresent()
            ? Duration.ofNanos(nanos.getAsLong() - System.nanoTime())
            : Duration.between(Instant.now(), wall);
    return time.isNegative() ? Duration.ZERO : time;
  }
}
