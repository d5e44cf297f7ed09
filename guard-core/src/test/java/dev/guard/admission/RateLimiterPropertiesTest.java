package dev.guard.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.ProcessId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/**
 * Shows that the limiter keeps its word whatever the schedule: commands arrive, wait as told and
 * ask again.
 */
class RateLimiterPropertiesTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long LONGEST_DELAY = 3 * SECOND;
  // 80 commands at one a second, each asking ten times a second, are 32,000.
  private static final int MOST_QUESTIONS = 100_000;

  private static final ProcessId OWNER = new ProcessId(1, 0);

  private record Asker(int number, long at, boolean again) {}

  /** One schedule played to its end. */
  private static final class Simulation {
    private final PriorityQueue<Asker> askers =
        new PriorityQueue<>(Comparator.comparingLong(Asker::at).thenComparing(Asker::number));
    private final List<Long> admitted = new ArrayList<>();
    private final List<Integer> order = new ArrayList<>();
    private final List<Duration> delays = new ArrayList<>();
    private final List<Integer> violations = new ArrayList<>();
    private int waited;

    Simulation(int limit, List<Long> gaps, long clockAtStart) {
      long at = 0;
      for (int i = 0; i < gaps.size(); i++) {
        at += gaps.get(i);
        askers.add(new Asker(i, at, false));
      }
      play(limit, clockAtStart);
    }

    private void play(int limit, long clockAtStart) {
      RateLimiter.LimiterState state = RateLimiter.LimiterState.EMPTY;
      for (int questions = 0; !askers.isEmpty(); questions++) {
        assertThat(questions).as("questions until all were admitted").isLessThan(MOST_QUESTIONS);
        Asker asker = askers.remove();
        RateLimiter.Decision decision =
            RateLimiter.decide(state, limit, clockAtStart + asker.at, "c" + asker.number, OWNER);
        state = decision.state();
        violations.add(state.violations());
        delays.add(decision.delay());
        assertThat(state.starts().length).isLessThanOrEqualTo(limit);
        if (decision.admitted()) {
          admitted.add(asker.at);
          order.add(asker.number);
        } else {
          waited += asker.again ? 0 : 1;
          askers.add(new Asker(asker.number, asker.at + decision.delay().toNanos(), true));
        }
      }
    }
  }

  @Provide
  Arbitrary<List<Long>> gaps() {
    Arbitrary<Long> gap =
        Arbitraries.oneOf(
            Arbitraries.just(0L),
            Arbitraries.longs().between(0, SECOND / 20),
            Arbitraries.longs().between(0, SECOND),
            Arbitraries.of(SECOND - 1, SECOND, SECOND + 1),
            Arbitraries.longs().between(SECOND, 10 * SECOND));
    return gap.list().ofMinSize(1).ofMaxSize(80);
  }

  /** System.nanoTime may begin anywhere, also just before it overflows. */
  @Provide
  Arbitrary<Long> clocks() {
    return Arbitraries.oneOf(
        Arbitraries.longs(), Arbitraries.of(0L, -1L, Long.MAX_VALUE - SECOND, Long.MIN_VALUE));
  }

  @Property
  void neverMoreStartsInASecondThanTheLimit(
      @ForAll @IntRange(min = 1, max = 10) int limit,
      @ForAll("gaps") List<Long> gaps,
      @ForAll("clocks") long clock) {
    List<Long> admitted = new Simulation(limit, gaps, clock).admitted;
    assertThat(admitted).hasSameSizeAs(gaps);
    for (int i = limit; i < admitted.size(); i++) {
      assertThat(admitted.get(i) - admitted.get(i - limit)).isGreaterThanOrEqualTo(SECOND);
    }
  }

  @Property
  void firstComeFirstServed(
      @ForAll @IntRange(min = 1, max = 10) int limit,
      @ForAll("gaps") List<Long> gaps,
      @ForAll("clocks") long clock) {
    Simulation played = new Simulation(limit, gaps, clock);
    for (int i = 1; i < played.order.size(); i++) {
      // Who starts at the same moment as another may be asked before him.
      boolean atOnce = played.admitted.get(i).equals(played.admitted.get(i - 1));
      assertThat(atOnce || played.order.get(i) > played.order.get(i - 1)).isTrue();
    }
  }

  @Property
  void noDelayIsNegativeOrLongerThanThreeSeconds(
      @ForAll @IntRange(min = 1, max = 10) int limit,
      @ForAll("gaps") List<Long> gaps,
      @ForAll("clocks") long clock) {
    assertThat(new Simulation(limit, gaps, clock).delays)
        .allSatisfy(d -> assertThat(d.toNanos()).isBetween(0L, LONGEST_DELAY));
  }

  @Property
  void onlyNewcomersThatHaveToWaitAddViolations(
      @ForAll @IntRange(min = 1, max = 10) int limit,
      @ForAll("gaps") List<Long> gaps,
      @ForAll("clocks") long clock) {
    Simulation played = new Simulation(limit, gaps, clock);
    assertThat(played.violations).allSatisfy(v -> assertThat(v).isBetween(0, 6));
    // Who waited while all violations cooled down waits as for the first one.
    assertThat(played.violations).allSatisfy(v -> assertThat(v).isLessThanOrEqualTo(played.waited));
  }

  @Property
  void slowerThanTheLimitIsNeverDelayed(
      @ForAll @IntRange(min = 1, max = 10) int limit,
      @ForAll @Size(min = 1, max = 80) List<@LongRange(min = 0, max = 10_000_000L) Long> extra,
      @ForAll("clocks") long clock) {
    long even = SECOND / limit + 1;
    List<Long> gaps = extra.stream().map(e -> even + e).toList();
    assertThat(new Simulation(limit, gaps, clock).delays).containsOnly(Duration.ZERO);
  }
}
