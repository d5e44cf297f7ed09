package dev.guard.admission;

import dev.guard.os.Os;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.process.Member;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/** Keeps the rules of budgets, wherever their states are stored. */
public final class Budgets implements BudgetStore {
  // Where nobody needs to be counted, the dead are removed at times.
  private static final int MANY = 16;
  private static final int UNLIMITED = Integer.MAX_VALUE;

  private final BudgetStates states;
  private final BudgetCount count;
  private final ProcessId self;
  private final LongSupplier clock;
  private final Debts debts;
  // Commands that may stand in a queue here: one that never did has no line to leave.
  private final Set<String> queueing = ConcurrentHashMap.newKeySet();
  private final Set<String> starting = ConcurrentHashMap.newKeySet();

  /**
   * Makes budgets of which this process is one owner of places.
   *
   * @param clock a monotonic time in nanoseconds, the same for all owners
   */
  Budgets(
      BudgetStates states, Member.Count count, Procfs procfs, ProcessId self, LongSupplier clock) {
    this(states, count, procfs, self, clock, Debts.toOwn());
  }

  private Budgets(
      BudgetStates states,
      Member.Count count,
      Procfs procfs,
      ProcessId self,
      LongSupplier clock,
      Debts debts) {
    this.debts = debts;
    this.states = states;
    this.count = new BudgetCount(count, procfs, self);
    this.self = self;
    this.clock = clock;
  }

  /** Makes budgets of this process alone. */
  public static Budgets local(Os os, Procfs procfs, Member.Count count) throws IOException {
    ProcessId self = ProcessId.of(os.pid(), procfs);
    return new Budgets(new LocalStates(), count, procfs, self, System::nanoTime);
  }

  /** Makes budgets of all guards that use this directory, which only this user may write. */
  public static Budgets in(Path directory, Os os, Procfs procfs, Member.Count count)
      throws IOException {
    FileStates files = new FileStates(os, procfs, directory.resolve("budgets"));
    // On Linux this clock is CLOCK_MONOTONIC, one for all processes.
    ProcessId self = ProcessId.of(os.pid(), procfs);
    return new Budgets(files, count, procfs, self, System::nanoTime, Debts.to(directory));
  }

  @Override
  public Reservation reserve(PlaceRequest ask) throws IOException {
    // Debts to other budgets are paid only where those count, too: else nobody is refused for them.
    pay(debt -> debt.budget().equals(ask.budget()) || ask.userMax() != UNLIMITED);
    boolean queuesNow = ask.waits() && queueing.add(ask.command());
    try {
      Reservation answer = reserveNow(ask);
      if (!(answer instanceof Reservation.Queued)) {
        queueing.remove(ask.command());
      }
      return answer;
    } catch (IOException | RuntimeException | Error e) {
      // The place may be written, as when the file could not be closed, and nobody has it to give
      // it back.
      owe(ask.budget(), ask.command(), Debts.DebtKind.PLACE, removesPlace(ask));
      if (queuesNow) {
        queueing.remove(ask.command());
        owe(ask.budget(), ask.command(), Debts.DebtKind.QUEUE, leavesQueue(ask));
      }
      throw e;
    }
  }

  private static Consumer<BudgetState> removesPlace(PlaceRequest ask) {
    return state -> state.places.remove(ask.command());
  }

  private Reservation reserveNow(PlaceRequest ask) throws IOException {
    if (ask.userMax() == UNLIMITED) {
      return states.change(ask.budget(), state -> decide(state, ask));
    }
    return states.alone(
        () -> {
          Others others = others(ask.budget());
          return states.change(ask.budget(), state -> decideForUser(state, ask, others));
        });
  }

  private Reservation decide(BudgetState state, PlaceRequest ask) throws IOException {
    int ahead = count.waitingBefore(ask.command(), state);
    boolean room = ask.max() == UNLIMITED || count.atMost(state) + ahead < ask.max();
    List<BudgetCount.CountedPlace> all = List.of();
    long active = 0;
    if (!room || isTimeToSweep(state)) {
      all = count.counted(state);
      active = BudgetCount.processes(all);
      room = ask.max() == UNLIMITED || active + ahead < ask.max();
    }
    return room
        ? granted(state, ask, Optional.empty(), state.damage)
        : noRoom(state, ask, full(ask, active, ahead, all, all), state.damage);
  }

  /** Decides about a place where all budgets together have a maximum, so everything is counted. */
  private Reservation decideForUser(BudgetState state, PlaceRequest ask, Others others)
      throws IOException {
    int ahead = count.waitingBefore(ask.command(), state);
    List<BudgetCount.CountedPlace> own = count.counted(state);
    List<BudgetCount.CountedPlace> all = new ArrayList<>(own);
    all.addAll(others.counted());
    String damage = join(state.damage, others.damage());
    long active = BudgetCount.processes(own);
    long ofUser = BudgetCount.processes(all);
    boolean userIsFull = ofUser + ahead >= ask.userMax();
    // A command that waits in another budget is not ahead: it may wait for room there.
    if (ask.max() != UNLIMITED && active + ahead >= ask.max()) {
      return noRoom(state, ask, full(ask, active, ahead, own, userIsFull ? all : own), damage);
    }
    if (userIsFull) {
      return noRoom(state, ask, fullOfUser(ask, ofUser, ahead, all), damage);
    }
    return granted(state, ask, Optional.empty(), damage);
  }

  private static Reservation.Full full(
      PlaceRequest ask,
      long active,
      int ahead,
      List<BudgetCount.CountedPlace> own,
      List<BudgetCount.CountedPlace> withReserve) {
    return new Reservation.Full(
        false, whole(active), ask.max(), ahead, holders(ask, own), inReserve(ask, withReserve));
  }

  /** A new budget has no reserve beyond the user's maximum: else each name would give one more. */
  private static Reservation.Full fullOfUser(
      PlaceRequest ask, long active, int ahead, List<BudgetCount.CountedPlace> all) {
    return new Reservation.Full(
        true, whole(active), ask.userMax(), ahead, holders(ask, all), inReserve(ask, all));
  }

  /** Names nobody to a command that waits, which asks again and again and says nothing. */
  private static List<Holder> holders(PlaceRequest ask, List<BudgetCount.CountedPlace> among) {
    return ask.waits() ? List.of() : BudgetCount.largest(among, ask.outer());
  }

  private static Optional<String> inReserve(
      PlaceRequest ask, List<BudgetCount.CountedPlace> among) {
    return ask.reserve() && !ask.waits()
        ? among.stream()
            .map(BudgetCount.CountedPlace::place)
            .filter(PlaceLine::isInReserve)
            .map(PlaceLine::command)
            .findFirst()
        : Optional.empty();
  }

  private Reservation granted(
      BudgetState state, PlaceRequest ask, Optional<Reservation.Full> reserve, String damage) {
    PlaceLine line = PlaceLine.of(ask.command(), self, reserve.isPresent(), ask.outer());
    state.waiting.remove(ask.command());
    state.places.put(ask.command(), line);
    return new Reservation.Granted(new HeldPlace(ask, line), reserve, "", damage);
  }

  private Reservation noRoom(
      BudgetState state, PlaceRequest ask, Reservation.Full full, String damage) {
    if (ask.waits()) {
      state.waiting.putIfAbsent(ask.command(), self);
      return new Reservation.Queued(full.waiting() + 1);
    }
    return ask.reserve() && full.inReserve().isEmpty()
        ? granted(state, ask, Optional.of(full), damage)
        : full;
  }

  private static int whole(long processes) {
    return (int) Math.min(processes, Integer.MAX_VALUE);
  }

  private static String join(String a, String b) {
    return a.isEmpty() || b.isEmpty() ? a + b : a + "; " + b;
  }

  /**
   * Holds the places of the other budgets.
   *
   * @param damage what the budgets had lost before, by damage to their files; empty: nothing
   */
  private record Others(List<BudgetCount.CountedPlace> counted, String damage) {}

  /** Counts the other budgets one after the other, since nobody may have the locks of two. */
  private Others others(String budget) throws IOException {
    List<BudgetCount.CountedPlace> counted = new ArrayList<>();
    String damage = "";
    for (String other : states.budgets()) {
      if (!other.equals(budget)) {
        damage =
            join(
                damage,
                states.change(
                    other,
                    state -> {
                      counted.addAll(count.counted(state));
                      return state.damage;
                    }));
      }
    }
    return new Others(counted, damage);
  }

  private static boolean isTimeToSweep(BudgetState state) {
    int places = state.places.size();
    return places >= MANY && Integer.bitCount(places) == 1;
  }

  /** Gives back the places of the dead in all budgets, also in those that nobody uses any more. */
  public void sweep() throws IOException {
    for (String budget : states.budgets()) {
      states.change(budget, count::counted);
    }
    states.removeForgotten();
  }

  @Override
  public void leaveQueue(PlaceRequest ask) {
    if (queueing.remove(ask.command())) {
      changeOrOwe(ask.budget(), ask.command(), Debts.DebtKind.QUEUE, leavesQueue(ask));
    }
  }

  private static Consumer<BudgetState> leavesQueue(PlaceRequest ask) {
    return state -> state.waiting.remove(ask.command());
  }

  @Override
  public StartAnswer start(String budget, int ratePerSecond, String command) throws IOException {
    pay(debt -> debt.budget().equals(budget));
    starting.add(command);
    try {
      StartAnswer answer = startNow(budget, ratePerSecond, command);
      if (answer.delay().isZero()) {
        starting.remove(command);
      }
      return answer;
    } catch (IOException | RuntimeException | Error e) {
      starting.remove(command);
      owe(budget, command, Debts.DebtKind.STARTS, leavesStarts(command));
      throw e;
    }
  }

  private StartAnswer startNow(String budget, int ratePerSecond, String command)
      throws IOException {
    return states.change(
        budget,
        state -> {
          RateLimiter.LimiterState living =
              state.rate.withWaiting(count.living(state.rate.waiting()));
          RateLimiter.Decision decision =
              RateLimiter.decide(living, ratePerSecond, clock.getAsLong(), command, self);
          state.rate = decision.state();
          return new StartAnswer(decision.delay(), "");
        });
  }

  @Override
  public void leaveStarts(String budget, String command) {
    if (starting.remove(command)) {
      changeOrOwe(budget, command, Debts.DebtKind.STARTS, leavesStarts(command));
    }
  }

  private static Consumer<BudgetState> leavesStarts(String command) {
    return state -> {
      List<RateLimiter.Waiter> others = new ArrayList<>(state.rate.waiting());
      others.removeIf(waiter -> waiter.command().equals(command));
      state.rate = state.rate.withWaiting(others);
    };
  }

  @Override
  public void catchUp() {
    try {
      pay(debt -> true);
    } catch (IOException e) {
      // The change stays owed: to whoever uses this store next, until the death of this process
      // pays all.
    }
  }

  private void pay(Predicate<Debts.Debt> which) throws IOException {
    for (Debts.Debt one : debts.all()) {
      if (which.test(one)) {
        change(
            one.budget(),
            state -> {
              // The debt is looked up with the lock: another thread may have paid, and the command
              // be back by now.
              if (debts.owes(one)) {
                one.change().accept(state);
              }
            });
        debts.paid(one);
      }
    }
  }

  private void owe(
      String budget, String command, Debts.DebtKind kind, Consumer<BudgetState> change) {
    debts.add(new Debts.Debt(budget, command, kind, change));
  }

  /** Answers how many changes are owed to the store. */
  int owed() {
    return debts.all().size();
  }

  private void change(String budget, Consumer<BudgetState> change) throws IOException {
    states.change(
        budget,
        state -> {
          change.accept(state);
          return state;
        });
  }

  /**
   * Makes a change that only makes room, or owes it: whoever counts sees the room anyway, or soon.
   */
  private void changeOrOwe(
      String budget, String command, Debts.DebtKind kind, Consumer<BudgetState> change) {
    try {
      change(budget, change);
    } catch (IOException e) {
      owe(budget, command, kind, change);
    }
  }

  private final class HeldPlace implements Place {
    private final PlaceRequest ask;
    private final PlaceLine line;

    HeldPlace(PlaceRequest ask, PlaceLine line) {
      this.ask = ask;
      this.line = line;
    }

    @Override
    public void countBy(Member member) throws IOException {
      PlaceLine held = line.with(member);
      change(ask.budget(), state -> state.places.put(ask.command(), held));
    }

    @Override
    public void giveBackWhenEmpty() {
      changeOrOwe(
          ask.budget(),
          ask.command(),
          Debts.DebtKind.PLACE,
          state -> state.places.computeIfPresent(ask.command(), (id, place) -> place.lingering()));
    }

    @Override
    public void giveBack() {
      changeOrOwe(ask.budget(), ask.command(), Debts.DebtKind.PLACE, removesPlace(ask));
    }
  }
}
