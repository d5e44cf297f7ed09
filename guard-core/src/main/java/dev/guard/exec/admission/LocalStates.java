package dev.guard.exec.admission;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The budgets of this process alone. */
final class LocalStates implements BudgetStates {
  private final Map<String, Holder> budgets = new ConcurrentHashMap<>();

  private static final class Holder {
    private String text = new BudgetState().format("");
  }

  @Override
  public <T> T change(String budget, Step<T> step) throws IOException {
    Holder holder = budgets.computeIfAbsent(budget, n -> new Holder());
    synchronized (holder) {
      BudgetState state = BudgetState.parse(holder.text, "");
      T answer = step.apply(state);
      holder.text = state.format("");
      return answer;
    }
  }
}
