package dev.guard.exec.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The limiter's documented delays, on a clock that only the test moves. */
class RateLimiterTest {
  private static final int LIMIT = 5;
  private static final Duration MOST = Duration.ofSeconds(3);

  private RateLimiter.State state = RateLimiter.State.EMPTY;
  private long now = 1_000_000_000_000L;

  private Duration newcomer() {
    return ask(false);
  }

  private Duration again() {
    return ask(true);
  }

  private Duration ask(boolean again) {
    RateLimiter.Decision decision = RateLimiter.decide(state, LIMIT, now, again);
    state = decision.state();
    assertThat(decision.admitted()).isEqualTo(decision.delay().isZero());
    return decision.delay();
  }

  private void passes(long millis) {
    now += Duration.ofMillis(millis).toNanos();
  }

  private void fiveStarts() {
    for (int i = 0; i < LIMIT; i++) {
      assertThat(newcomer()).isZero();
    }
  }

  private void violations(int count) {
    fiveStarts();
    for (int i = 0; i < count; i++) {
      assertThat(newcomer()).isPositive();
    }
  }

  @Test
  void theSixthSeventhAndEighthStartOfASecondWaitLongerEachTime() {
    List<Long> delays = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      delays.add(newcomer().toMillis());
      passes(10);
    }
    assertThat(delays).containsExactly(0L, 0L, 0L, 0L, 0L, 100L, 200L, 400L);
  }

  @Test
  void noDelayIsLongerThanThreeSeconds() {
    fiveStarts();
    List<Long> delays = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      delays.add(newcomer().toMillis());
    }
    assertThat(delays).containsExactly(100L, 200L, 400L, 800L, 1600L, 3000L, 3000L, 3000L);
  }

  @Test
  void tenThousandRefusalsInOneInstantOverflowNothing() {
    fiveStarts();
    for (int i = 0; i < 10_000; i++) {
      assertThat(newcomer()).isPositive().isLessThanOrEqualTo(MOST);
    }
    assertThat(newcomer()).isEqualTo(MOST);
    assertThat(state.starts()).hasSize(LIMIT);
  }

  @Test
  void startsThatAreStillToComeHoldNobodyUp() {
    long[] future = new long[LIMIT];
    Arrays.fill(future, Long.MAX_VALUE);
    state = new RateLimiter.State(future, Integer.MAX_VALUE, Long.MAX_VALUE);
    fiveStarts();
    assertThat(newcomer()).as("however many violations there were").isBetween(Duration.ZERO, MOST);
  }

  @Test
  void whoWaitedIsNotAdmittedBlindly() {
    fiveStarts();
    Duration first = newcomer();
    now += first.toNanos();
    assertThat(again()).as("the window is still full").isPositive();
    passes(899);
    assertThat(again()).as("1 ms before the oldest start is a second old").isPositive();
    passes(1);
    assertThat(again()).isZero();
  }

  @Test
  void lookingAgainIsNoNewViolation() {
    fiveStarts();
    assertThat(newcomer()).hasMillis(100);
    for (int i = 0; i < 9; i++) {
      assertThat(again()).hasMillis(100);
      passes(100);
    }
    assertThat(newcomer()).as("the second violation").hasMillis(200);
  }

  /** Starts at exactly the rate: none has to wait and no second is without one. */
  private void startsFor(int seconds) {
    for (int i = 0; i < LIMIT * seconds; i++) {
      passes(1000 / LIMIT);
      assertThat(newcomer()).isZero();
    }
  }

  @Test
  void eachCalmSecondTakesOneViolationAway() {
    startsFor(1);
    for (int i = 0; i < 4; i++) {
      assertThat(newcomer()).isPositive();
    }
    for (int left = 3; left >= 0; left--) {
      startsFor(1);
      assertThat(state.violations()).isEqualTo(left);
    }
  }

  @Test
  void aViolationMakesTheCalmSecondBeginAnew() {
    startsFor(1);
    assertThat(newcomer()).hasMillis(100);
    passes(150);
    assertThat(newcomer()).hasMillis(200);
    passes(50);
    assertThat(newcomer()).isZero();
    for (int i = 0; i < 4; i++) {
      passes(200);
      assertThat(newcomer()).isZero();
    }
    assertThat(state.violations()).as("850 ms after the second violation").isEqualTo(2);
    passes(200);
    assertThat(newcomer()).isZero();
    assertThat(state.violations()).as("1050 ms after it").isEqualTo(1);
  }

  @Test
  void aSecondWithoutStartsTakesAllViolationsAway() {
    violations(50);
    passes(1000);
    fiveStarts();
    assertThat(newcomer()).hasMillis(100);
  }

  @Test
  void afterAQuietSecondTheWholeRateIsThereAgain() {
    fiveStarts();
    passes(1000);
    fiveStarts();
    assertThat(newcomer()).isPositive();
  }
}
