package dev.guard.admission;

import dev.guard.store.FileLock;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** Keeps the budgets of this process alone. */
final class LocalStates implements BudgetStates {
  private final Map<String, Holder> budgets = new ConcurrentHashMap<>();

  private final ReentrantLock all = new ReentrantLock();

  private static final class Holder {
    private String text = new BudgetState().format("");
  }

  @Override
  public <T> T change(String budget, StateChange<T> step) throws IOException {
    Holder holder = budgets.computeIfAbsent(budget, n -> new Holder());
    synchronized (holder) {
      BudgetState state = BudgetState.parse(holder.text, "");
      T answer = step.apply(state);
      holder.text = state.format("");
      return answer;
    }
  }

  @Override
  public <T> T alone(FileLock.LockedAnswer<T> work) throws IOException {
    all.lock();
    try {
      return work.run();
    } finally {
      all.unlock();
    }
  }

  @Override
  public Collection<String> budgets() {
    return List.copyOf(budgets.keySet());
  }

  @Override
  public void removeForgotten() {
    // Local states go with the process.
  }
}
