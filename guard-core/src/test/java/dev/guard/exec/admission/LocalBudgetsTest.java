package dev.guard.exec.admission;

/** Budgets of one process. */
class LocalBudgetsTest extends BudgetsContract {
  private final BudgetStates states = new LocalStates();

  @Override
  BudgetStates states() {
    return states;
  }
}
