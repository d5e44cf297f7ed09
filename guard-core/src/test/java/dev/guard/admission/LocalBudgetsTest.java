package dev.guard.admission;

/** Budgets of one process. */
class LocalBudgetsTest extends BudgetsContract {
  private final BudgetStates states = new LocalStates();

  @Override
  BudgetStates states() {
    return states;
  }
}
