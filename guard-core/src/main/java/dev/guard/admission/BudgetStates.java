package dev.guard.admission;

import dev.guard.store.FileLock;
import dev.guard.store.StoreException;
import java.io.IOException;
import java.util.Collection;

/** Where the states of budgets are kept. */
interface BudgetStates {
  /** Reads and changes the state of a budget. */
  @FunctionalInterface
  interface StateChange<T> {
    /** Reads and changes the state; when it throws, nothing is kept of the change. */
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
   * Does something while nobody else does anything by this method. It may change budgets, one after
   * the other.
   *
   * @throws StoreException when the others can not be kept out
   * @throws IOException what the work throws
   */
  <T> T alone(FileLock.LockedAnswer<T> work) throws IOException;

  /** The names of the budgets that have a state. */
  Collection<String> budgets() throws IOException;

  /** Removes the states of budgets that nobody uses any more. */
  void removeForgotten() throws IOException;
}
