package dev.guard.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.ProcessId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Checks the limiter's documented delays, on a clock that only the test moves. */
class RateLimiterTest {
  private static final int LIMIT = 5;
  private static final ProcessId OWNER = new ProcessId(1, 0);
  private static final Duration MOST = Duration.ofSeconds(3);

  private RateLimiter.LimiterState state = RateLimiter.LimiterState.EMPTY;
  private long now = 1_000_000_000_000L;
  private int newcomers;

  private Duration newcomer() {
    return asks("c" + ++newcomers);
  }

  private Duration again() {
    return asks("c" + newcomers);
  }

  private Duration asks(String command) {
    RateLimiter.Decision decision = RateLimiter.decide(state, LIMIT, now, command, OWNER);
    state = decision.state();
    assertThat(decision.admitted()).isEqualTo(decision.delay().isZero());
    return decision.delay();
  }

  /** One that has to wait, and gives up. */
  private Duration impatient() {
    Duration delay = newcomer();
    state = state.withWaiting(List.of());
    return delay;
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
      assertThat(impatient()).isPositive();
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
    for (int i = 0; i < 20; i++) {
      delays.add(newcomer().toMillis());
    }
    // The first five of those who wait have room after one second, the next after two.
    assertThat(delays.subList(0, 5)).containsExactly(100L, 200L, 400L, 800L, 1000L);
    assertThat(delays.subList(5, 10)).containsOnly(2000L);
    assertThat(delays.subList(10, 20)).containsOnly(3000L);
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
    RateLimiter.Waiter never = new RateLimiter.Waiter("never", OWNER, Long.MAX_VALUE);
    List<RateLimiter.Waiter> queue = List.of(never, never, never);
    state = new RateLimiter.LimiterState(future, Integer.MAX_VALUE, Long.MAX_VALUE, queue);
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
    for (int i = 0; i < 4; i++) {
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
      assertThat(impatient()).isPositive();
    }
    for (int left = 3; left >= 0; left--) {
      startsFor(1);
      assertThat(state.violations()).isEqualTo(left);
    }
  }

  @Test
  void aViolationMakesTheCalmSecondBeginAnew() {
    startsFor(1);
    assertThat(impatient()).hasMillis(100);
    passes(150);
    assertThat(impatient()).as("until the oldest start is a second old").hasMillis(50);
    assertThat(state.violations()).isEqualTo(2);
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

  @Test
  void nobodyOvertakesWhoWaits() {
    fiveStarts();
    asks("first");
    asks("second");
    passes(999);
    assertThat(asks("first")).hasMillis(1);
    assertThat(asks("second")).hasMillis(1);
    passes(1);
    for (int i = 0; i < LIMIT - 2; i++) {
      assertThat(newcomer()).as("there is room for more than those who wait").isZero();
    }
    assertThat(newcomer()).isPositive();
    assertThat(asks("second")).isZero();
    assertThat(asks("first")).isZero();
  }

  @Test
  void whoIsStoppedHoldsUpNobodyForLonger() {
    fiveStarts();
    for (int i = 0; i < LIMIT; i++) {
      asks("stopped" + i);
    }
    passes(1050);
    assertThat(newcomer()).as("none of them is a second late").isPositive();
    passes(1000);
    assertThat(again()).isZero();
    assertThat(asks("stopped0")).as("it has kept its place").isZero();
  }

  @Test
  void theLastOfFourteenAtOnceWaitsTwoSeconds() {
    Map<String, Long> due = new TreeMap<>();
    for (int i = 10; i < 24; i++) {
      due.put("c" + i, now);
    }
    long begin = now;
    while (!due.isEmpty()) {
      now = Collections.min(due.values());
      due.replaceAll((command, at) -> at == now ? now + asks(command).toNanos() : at);
      due.values().removeIf(at -> at == now);
    }
    assertThat(Duration.ofNanos(now - begin)).hasSeconds(2);
  }
}
