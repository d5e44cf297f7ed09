package dev.guard.admission;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Keeps what commands of this process have left undone in a store of budgets, since it could not be
 * written when they wanted to, as while the disk was full. Whoever uses the store next in this
 * process does it: the Guard that could not may have been closed, and its owner, this process,
 * lives on.
 *
 * <p>A store is here only while something is owed to it. It is owed one thing of a kind by each
 * command, and by none that came while something was owed, since such a command enters no store.
 */
final class Debts {
  private static final Map<Object, Map<Debtor, Debt>> OF_STORES = new ConcurrentHashMap<>();

  static {
    // Loaded now: a thing is often owed for want of a descriptor, which a class needs, too.
    Objects.requireNonNull(Debts.class.getNestMembers());
  }

  /** Names what a command has to leave: its place, the queue for places, or that for starts. */
  enum DebtKind {
    PLACE,
    QUEUE,
    STARTS
  }

  private record Debtor(String budget, String command, DebtKind kind) {}

  /** Holds a change of a budget that is still to be made. */
  record Debt(String budget, String command, DebtKind kind, Consumer<BudgetState> change) {
    private Debtor debtor() {
      return new Debtor(budget, command, kind);
    }
  }

  private final Object store;

  private Debts(Object store) {
    this.store = store;
  }

  /** Finds the debts to a store that all of this process share. */
  static Debts to(Path store) {
    return new Debts(store);
  }

  /** Makes debts to a store that nobody else uses. */
  static Debts toOwn() {
    return new Debts(new Object());
  }

  /** Adds a debt, in the place of an earlier one of this kind and command. */
  void add(Debt debt) {
    OF_STORES.compute(
        store,
        (key, before) -> {
          Map<Debtor, Debt> all = before == null ? new LinkedHashMap<>() : before;
          all.put(debt.debtor(), debt);
          return all;
        });
  }

  /** Lists the debts, the oldest first. */
  List<Debt> all() {
    List<Debt> all = new ArrayList<>();
    OF_STORES.computeIfPresent(
        store,
        (key, debts) -> {
          all.addAll(debts.values());
          return debts;
        });
    return all;
  }

  /** Tells whether this debt is still owed. */
  boolean owes(Debt debt) {
    return all().contains(debt);
  }

  /** Forgets a debt that was paid, unless another one has taken its place meanwhile. */
  void paid(Debt debt) {
    OF_STORES.computeIfPresent(
        store,
        (key, debts) -> {
          debts.remove(debt.debtor(), debt);
          return debts.isEmpty() ? null : debts;
        });
  }
}
