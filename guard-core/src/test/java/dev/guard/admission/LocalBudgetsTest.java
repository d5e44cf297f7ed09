package dev.guard.admission;

/** Checks the budgets of one process. */
class LocalBudgetsTest extends BudgetsContract {
  private final BudgetStates states = new LocalStates();

  @Override
  BudgetStates states() {
    return states;
  }
}
