package dev.guard.admission;

import dev.guard.store.FileLock;
import dev.guard.store.StoreException;
import java.io.IOException;
import java.util.Collection;

/** Keeps the states of budgets. */
interface BudgetStates {
  /** Reads and changes the state of a budget. */
  @FunctionalInterface
  interface StateChange<T> {
    /** Makes the change; when this throws, nothing is kept of it. */
    T apply(BudgetState state) throws IOException;
  }

  /**
   * Does one step, while nobody else can see or change the state of this budget.
   *
   * @throws StoreException when the state can not be read or kept
   * @throws IOException what the step throws
   */
  <T> T change(String budget, StateChange<T> step) throws IOException;

  /**
   * Does some work while nobody else does any by this method. The work may change budgets, one
   * after the other.
   *
   * @throws StoreException when the others can not be kept out
   * @throws IOException what the work throws
   */
  <T> T alone(FileLock.LockedAnswer<T> work) throws IOException;

  /** Lists the names of the budgets that have a state. */
  Collection<String> budgets() throws IOException;

  /** Removes the states of budgets that nobody uses any more. */
  void removeForgotten() throws IOException;
}
