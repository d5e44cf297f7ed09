package dev.guard.exec.admission;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** The budgets of one JVM. */
public final class LocalBudgetStore implements BudgetStore {
  private final Map<String, Budget> budgets = new ConcurrentHashMap<>();
  private final LongSupplier clock;

  /**
   * An empty store.
   *
   * @param clock a monotonic time in nanoseconds, {@code System::nanoTime}
   */
  public LocalBudgetStore(LongSupplier clock) {
    this.clock = clock;
  }

  @Override
  public Reservation reserve(String budget, int max) throws IOException {
    return budget(budget).reserve(max);
  }

  @Override
  public Duration start(String budget, int ratePerSecond, boolean again) {
    return budget(budget).start(ratePerSecond, clock.getAsLong(), again);
  }

  private Budget budget(String name) {
    return budgets.computeIfAbsent(name, n -> new Budget());
  }

  /** One budget; its monitor makes every step atomic. */
  private static final class Budget {
    private final List<LocalPlace> places = new ArrayList<>();
    private RateLimiter.State rate = RateLimiter.State.EMPTY;

    synchronized Reservation reserve(int max) throws IOException {
      long active = 0;
      if (max != Integer.MAX_VALUE) {
        for (LocalPlace p : List.copyOf(places)) {
          int processes = p.count.count();
          active += processes;
          if (p.lingers && processes == 0) {
            places.remove(p);
          }
        }
      }
      if (active >= max) {
        return new Reservation.Full((int) Math.min(active, Integer.MAX_VALUE), max);
      }
      LocalPlace place = new LocalPlace(this);
      places.add(place);
      return new Reservation.Granted(place);
    }

    synchronized Duration start(int ratePerSecond, long now, boolean again) {
      RateLimiter.Decision decision = RateLimiter.decide(rate, ratePerSecond, now, again);
      rate = decision.state();
      return decision.delay();
    }

    synchronized void giveBack(LocalPlace place) {
      places.remove(place);
    }
  }

  private static final class LocalPlace implements Place {
    private final Budget budget;
    private volatile ProcessCount count = () -> 1;
    private volatile boolean lingers;

    LocalPlace(Budget budget) {
      this.budget = budget;
    }

    @Override
    public void countBy(ProcessCount by) {
      count = by;
    }

    @Override
    public void giveBackWhenEmpty() {
      lingers = true;
    }

    @Override
    public void giveBack() {
      budget.giveBack(this);
    }
  }
}
