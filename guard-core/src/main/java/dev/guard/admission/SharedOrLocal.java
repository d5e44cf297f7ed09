package dev.guard.admission;

import dev.guard.store.StoreException;
import java.io.IOException;
import java.util.Optional;

/**
 * Uses the budgets that a user's guards share; where those can not be had, this process's own,
 * which the answer says. A store that comes back is used again.
 */
public final class SharedOrLocal implements BudgetStore {
  private final StoreOpening opening;
  private final BudgetStore local;
  private BudgetStore shared;

  /** Opens the shared store. */
  @FunctionalInterface
  public interface StoreOpening {
    /** Opens the shared store, or fails with the reason and a remedy where there is none. */
    BudgetStore open() throws IOException;
  }

  /**
   * Uses {@code local} only where the shared store can not be opened, or throws {@link
   * StoreException}.
   */
  public SharedOrLocal(StoreOpening opening, BudgetStore local) {
    this.opening = opening;
    this.local = local;
  }

  private synchronized BudgetStore shared() throws StoreException {
    if (shared == null) {
      try {
        shared = opening.open();
      } catch (IOException e) {
        throw new StoreException(e.getMessage(), e);
      }
    }
    return shared;
  }

  @Override
  public Reservation reserve(PlaceRequest ask) throws IOException {
    try {
      Reservation answer = shared().reserve(ask);
      if (ask.waits()) {
        local.leaveQueue(ask);
      }
      return answer;
    } catch (StoreException e) {
      Optional<BudgetStore> opened = opened();
      if (ask.waits() && opened.isPresent()) {
        opened.get().leaveQueue(ask);
      }
      Reservation answer = local.reserve(ask);
      return answer instanceof Reservation.Granted granted
          ? new Reservation.Granted(granted.place(), granted.reserve(), e.getMessage(), "")
          : answer;
    }
  }

  @Override
  public void leaveQueue(PlaceRequest ask) throws IOException {
    local.leaveQueue(ask);
    Optional<BudgetStore> opened = opened();
    if (opened.isPresent()) {
      opened.get().leaveQueue(ask);
    }
  }

  @Override
  public void catchUp() {
    local.catchUp();
    opened().ifPresent(BudgetStore::catchUp);
  }

  private synchronized Optional<BudgetStore> opened() {
    return Optional.ofNullable(shared);
  }

  @Override
  public StartAnswer start(String budget, int ratePerSecond, String command) throws IOException {
    try {
      StartAnswer answer = shared().start(budget, ratePerSecond, command);
      if (answer.delay().isZero()) {
        // The command may have stood in the local queue while the shared store was away.
        local.leaveStarts(budget, command);
      }
      return answer;
    } catch (StoreException e) {
      return new StartAnswer(local.start(budget, ratePerSecond, command).delay(), e.getMessage());
    }
  }

  @Override
  public void leaveStarts(String budget, String command) throws IOException {
    local.leaveStarts(budget, command);
    Optional<BudgetStore> opened = opened();
    if (opened.isPresent()) {
      opened.get().leaveStarts(budget, command);
    }
  }
}
