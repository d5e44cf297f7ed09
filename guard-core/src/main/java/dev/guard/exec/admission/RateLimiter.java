package dev.guard.exec.admission;

import java.time.Duration;
import java.util.Arrays;

/**
 * The spawn-rate limit as a decision: a pure function of a state and a time. It never sleeps and
 * reads no clock.
 *
 * <p>At most N starts fall into any second. Who comes when the last N starts are all younger than
 * that waits 100 ms x 2^(violations-1), at most 3 s, and asks again. Each newcomer that has to wait
 * is one violation; each full second without one takes one away, and a second without any start
 * takes all away.
 */
public final class RateLimiter {
  static final long WINDOW_NANOS = 1_000_000_000L;
  private static final long FIRST_WAIT_NANOS = 100_000_000L;
  private static final long MAX_WAIT_NANOS = 3_000_000_000L;
  // 100 ms x 2^5 is over 3 s already; more violations would only make the way back longer.
  private static final int MAX_VIOLATIONS = 6;

  private RateLimiter() {}

  /**
   * What is remembered.
   *
   * @param starts the times of the last starts in nanoseconds, oldest first, at most N
   * @param violations the current level, 0 to 6
   * @param lastViolation the time of the last violation or of the last step down from it
   */
  public record State(
      @SuppressWarnings("ArrayRecordComponent") long[] starts, int violations, long lastViolation) {
    /** Nothing has started yet. */
    public static final State EMPTY = new State(new long[0], 0, 0);
  }

  /**
   * The answer.
   *
   * @param delay zero: start now; else wait this long and ask again
   * @param state the state from now on
   */
  public record Decision(Duration delay, State state) {
    /** Whether the command may start now. */
    public boolean admitted() {
      return delay.isZero();
    }
  }

  /**
   * Decides.
   *
   * @param limit starts per second, 1 or more
   * @param now a monotonic time in nanoseconds
   * @param again whether this command was told to wait before, so that it is no new violation
   */
  public static Decision decide(State state, int limit, long now, boolean again) {
    State calm = coolDown(state, now);
    // A time that is still to come was written by no guard, and would be waited for.
    long[] recent = Arrays.stream(calm.starts()).filter(t -> isRecent(now - t)).toArray();
    if (recent.length < limit) {
      long[] starts = Arrays.copyOf(recent, recent.length + 1);
      starts[recent.length] = now;
      return new Decision(
          Duration.ZERO, new State(starts, calm.violations(), calm.lastViolation()));
    }
    int violations =
        again ? Math.max(calm.violations(), 1) : Math.min(calm.violations() + 1, MAX_VIOLATIONS);
    long since = again ? calm.lastViolation() : now;
    return new Decision(backoff(violations), new State(calm.starts(), violations, since));
  }

  private static boolean isRecent(long age) {
    return age >= 0 && age < WINDOW_NANOS;
  }

  private static State coolDown(State state, long now) {
    long[] starts = state.starts();
    if (starts.length == 0 || now - starts[starts.length - 1] >= WINDOW_NANOS) {
      return new State(starts, 0, now);
    }
    long calmSeconds = (now - state.lastViolation()) / WINDOW_NANOS;
    if (calmSeconds <= 0 || state.violations() == 0) {
      return state;
    }
    int violations = (int) Math.max(0, state.violations() - calmSeconds);
    return new State(starts, violations, state.lastViolation() + calmSeconds * WINDOW_NANOS);
  }

  private static Duration backoff(int violations) {
    long wait = FIRST_WAIT_NANOS << (Math.min(violations, MAX_VIOLATIONS) - 1);
    return Duration.ofNanos(Math.min(wait, MAX_WAIT_NANOS));
  }
}
