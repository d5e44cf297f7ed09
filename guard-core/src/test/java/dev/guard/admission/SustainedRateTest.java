package dev.guard.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.ProcessId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Shows that eight callers that offer twice the rate get nearly all of it, and each of them its
 * part: thirty seconds of a clock that only the test moves.
 */
class SustainedRateTest {
  private static final int CALLERS = 8;
  private static final long SECOND = 1_000_000_000L;
  private static final long SECONDS = 30;

  /** One caller, who asks for a start, waits as told, and then comes with the next one. */
  private static final class SteadyCaller {
    private final ProcessId process;
    private long at;
    private long arrives;
    private int starts;

    SteadyCaller(int number, long firstAt) {
      process = new ProcessId(number, 0);
      at = firstAt;
      arrives = firstAt;
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "2, 0", "5, 0", "50, 0", "1, 5", "2, 5", "5, 5", "50, 1"})
  void nineTenthsOfTheRateAreUsed(int rate, int wakesLateMillis) {
    long gap = CALLERS * SECOND / (2L * rate);
    PriorityQueue<SteadyCaller> callers =
        new PriorityQueue<>(
            Comparator.comparingLong((SteadyCaller c) -> c.at).thenComparing(c -> c.process.pid()));
    for (int i = 0; i < CALLERS; i++) {
      callers.add(new SteadyCaller(i, i * gap / CALLERS));
    }
    List<Long> starts = play(callers, rate, gap, wakesLateMillis * 1_000_000L);
    assertThat(starts).hasSizeGreaterThanOrEqualTo((int) Math.ceil(0.9 * rate * SECONDS));
    for (int i = rate; i < starts.size(); i++) {
      assertThat(starts.get(i) - starts.get(i - rate)).isGreaterThanOrEqualTo(SECOND);
    }
    int fair = starts.size() / CALLERS;
    assertThat(callers).allSatisfy(c -> assertThat(c.starts).isBetween(fair - 1, fair + 2));
  }

  private static List<Long> play(
      PriorityQueue<SteadyCaller> callers, int rate, long gap, long wakesLate) {
    RateLimiter.LimiterState state = RateLimiter.LimiterState.EMPTY;
    List<Long> starts = new ArrayList<>();
    while (callers.peek().at < SECONDS * SECOND) {
      SteadyCaller caller = callers.remove();
      String command = caller.process.pid() + "-" + caller.starts;
      RateLimiter.Decision decision =
          RateLimiter.decide(state, rate, caller.at, command, caller.process);
      state = decision.state();
      if (decision.admitted()) {
        starts.add(caller.at);
        caller.starts++;
        caller.arrives += gap;
        caller.at = Math.max(caller.at, caller.arrives);
      } else {
        caller.at += decision.delay().toNanos() + wakesLate;
      }
      callers.add(caller);
    }
    return starts;
  }
}
