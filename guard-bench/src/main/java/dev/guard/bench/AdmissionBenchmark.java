package dev.guard.bench;

import dev.guard.exec.admission.BudgetStore;
import dev.guard.exec.admission.LocalBudgetStore;
import dev.guard.exec.admission.RateLimiter;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the decision alone costs: the counts of the commands that live already are given. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AdmissionBenchmark {
  private static final String BUDGET = "bench";
  private static final int PER_SECOND = 100;

  /** Commands that live in the budget. */
  @Param({"0", "100"})
  public int live;

  private final LocalBudgetStore store = new LocalBudgetStore(System::nanoTime);
  private RateLimiter.State full = RateLimiter.State.EMPTY;

  /** Fills the budget and the limiter's window. */
  @Setup(Level.Trial)
  public void fill() throws IOException {
    for (int i = 0; i < live; i++) {
      reserve().countBy(() -> 3);
    }
    for (int i = 0; i < PER_SECOND; i++) {
      full = RateLimiter.decide(full, PER_SECOND, i, false).state();
    }
  }

  /** A place is reserved and given back. */
  @Benchmark
  public void reserveAndGiveBack() throws IOException {
    reserve().giveBack();
  }

  /** The limiter's answer when its window is full, the longest way through it. */
  @Benchmark
  public Duration limiterDecision() {
    return RateLimiter.decide(full, PER_SECOND, PER_SECOND, false).delay();
  }

  private BudgetStore.Place reserve() throws IOException {
    BudgetStore.Reservation answer = store.reserve(BUDGET, 1_000_000);
    return ((BudgetStore.Reservation.Granted) answer).place();
  }
}
