package dev.guard.admission;

import dev.guard.os.ProcessId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Decides about the spawn-rate limit: a pure function of a state and a time. The limiter never
 * sleeps and reads no clock.
 *
 * <p>At most N starts fall into any second, first come, first served. A command that comes when the
 * last N starts, and those that wait already, leave no room waits 100 ms x 2^(violations-1), at
 * most 3 s, or until the window has room for its number in the queue, whichever is sooner, and asks
 * again. Each newcomer that has to wait is one violation; each full second without one takes one
 * away, and a second without any start takes all away.
 */
public final class RateLimiter {
  static final long WINDOW_NANOS = 1_000_000_000L;
  // A waiter that is stopped or starved must not hold up those behind it for longer.
  private static final long LATE_NANOS = 1_000_000_000L;
  private static final long FIRST_WAIT_NANOS = 100_000_000L;
  private static final long MAX_WAIT_NANOS = 3_000_000_000L;
  // 100 ms x 2^5 is over 3 s already; more violations would only make the way back longer.
  private static final int MAX_VIOLATIONS = 6;

  private RateLimiter() {}

  /**
   * Describes a command that was told to wait, and keeps its place in the queue until it starts or
   * leaves.
   *
   * @param owner the process that will ask again
   * @param due when the owner will ask again
   */
  public record Waiter(String command, ProcessId owner, long due) {}

  /**
   * Holds all that a limiter remembers.
   *
   * @param starts the times of the last starts in nanoseconds, oldest first, at most N
   * @param violations the current level, 0 to 6
   * @param lastViolation the time of the last violation or of the last step down from it
   * @param waiting the commands that were told to wait, first come first
   */
  public record LimiterState(
      @SuppressWarnings("ArrayRecordComponent") long[] starts,
      int violations,
      long lastViolation,
      List<Waiter> waiting) {
    /** The state in which nothing has started yet. */
    public static final LimiterState EMPTY = new LimiterState(new long[0], 0, 0, List.of());

    /** Answers the state with another queue. */
    LimiterState withWaiting(List<Waiter> others) {
      return new LimiterState(starts, violations, lastViolation, others);
    }

    /** Tells whether nothing in the state would change a later decision. */
    boolean isForgotten(long now) {
      return (starts.length == 0 || now - starts[starts.length - 1] > 2 * WINDOW_NANOS)
          && waiting.stream().allMatch(w -> now - w.due() > 2 * LATE_NANOS);
    }
  }

  /**
   * Answers whether a command may start, and with which state the limiter goes on.
   *
   * @param delay zero: start now; else wait this long and ask again
   * @param state the state from now on
   */
  public record Decision(Duration delay, LimiterState state) {
    /** Tells whether the command may start now. */
    public boolean admitted() {
      return delay.isZero();
    }
  }

  /**
   * Decides about one command, which asks for the first time or after it has waited.
   *
   * @param limit starts per second, 1 or more
   * @param now a monotonic time in nanoseconds
   * @param owner the process that asks for the command
   */
  public static Decision decide(
      LimiterState state, int limit, long now, String command, ProcessId owner) {
    LimiterState calm = coolDown(state, now);
    // A time that is still to come was written by no guard, and commands would wait for it.
    long[] recent = Arrays.stream(calm.starts()).filter(t -> isRecent(now - t)).toArray();
    int place = placeOf(command, calm.waiting());
    boolean again = place < calm.waiting().size();
    int ahead = onTime(calm.waiting().subList(0, place), now);
    List<Waiter> waiting = new ArrayList<>(calm.waiting());
    if (recent.length + ahead < limit) {
      long[] starts = Arrays.copyOf(recent, recent.length + 1);
      starts[recent.length] = now;
      if (again) {
        waiting.remove(place);
      }
      return new Decision(
          Duration.ZERO,
          new LimiterState(starts, calm.violations(), calm.lastViolation(), waiting));
    }
    int violations =
        again ? Math.max(calm.violations(), 1) : Math.min(calm.violations() + 1, MAX_VIOLATIONS);
    long delay = Math.min(backoff(violations), untilRoom(recent, ahead, limit, now));
    Waiter waiter = new Waiter(command, owner, now + delay);
    if (again) {
      waiting.set(place, waiter);
    } else {
      waiting.add(waiter);
    }
    long since = again ? calm.lastViolation() : now;
    return new Decision(
        Duration.ofNanos(delay), new LimiterState(calm.starts(), violations, since, waiting));
  }

  /**
   * Answers the command's place in the queue, 0 for the first; the size of the queue for one that
   * is not in it.
   */
  private static int placeOf(String command, List<Waiter> waiting) {
    int place = 0;
    while (place < waiting.size() && !waiting.get(place).command().equals(command)) {
      place++;
    }
    return place;
  }

  private static int onTime(List<Waiter> ahead, long now) {
    int count = 0;
    for (Waiter waiter : ahead) {
      long late = now - waiter.due();
      // No waiter is told to come later than after the longest delay.
      count += late <= LATE_NANOS && late >= -MAX_WAIT_NANOS ? 1 : 0;
    }
    return count;
  }

  /**
   * Answers how long it takes until the window has room, when all who are ahead start as soon as
   * they can: each start makes room for another one window later.
   */
  private static long untilRoom(long[] recent, int ahead, int limit, long now) {
    int number = recent.length + ahead - limit;
    long wait = WINDOW_NANOS;
    while (number >= recent.length && number >= limit) {
      number -= limit;
      wait += WINDOW_NANOS;
    }
    return number < recent.length ? recent[number] - now + wait : wait;
  }

  private static boolean isRecent(long age) {
    return age >= 0 && age < WINDOW_NANOS;
  }

  private static LimiterState coolDown(LimiterState state, long now) {
    long[] starts = state.starts();
    if (starts.length == 0 || now - starts[starts.length - 1] >= WINDOW_NANOS) {
      return new LimiterState(starts, 0, now, state.waiting());
    }
    long calmSeconds = (now - state.lastViolation()) / WINDOW_NANOS;
    if (calmSeconds <= 0 || state.violations() == 0) {
      return state;
    }
    int violations = (int) Math.max(0, state.violations() - calmSeconds);
    return new LimiterState(
        starts, violations, state.lastViolation() + calmSeconds * WINDOW_NANOS, state.waiting());
  }

  private static long backoff(int violations) {
    long wait = FIRST_WAIT_NANOS << (Math.min(violations, MAX_VIOLATIONS) - 1);
    return Math.min(wait, MAX_WAIT_NANOS);
  }
}
