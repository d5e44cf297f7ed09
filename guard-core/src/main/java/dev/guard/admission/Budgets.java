package dev.guard.admission;

import dev.guard.os.Os;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.process.Member;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** The rules of budgets, wherever their states are kept. */
public final class Budgets implements BudgetStore {
  // Where nobody needs to be counted, the dead are removed at times.
  private static final int MANY = 16;
  private static final int UNLIMITED = Integer.MAX_VALUE;

  private final BudgetStates states;
  private final Member.Count count;
  private final Procfs procfs;
  private final ProcessId self;
  private final LongSupplier clock;
  // Whoever uses a store next in this process does what is owed there: another Guard may have been
  // closed while the disk was full, and its owner, this process, lives on.
  private static final Map<Path, Queue<Owed>> OWED = new ConcurrentHashMap<>();

  // What could not be written when it should, since the disk was full.
  private final Queue<Owed> owed;

  private record Owed(String budget, Consumer<BudgetState> change) {}

  /**
   * Budgets of which this process is one owner of places.
   *
   * @param clock a monotonic time in nanoseconds, the same for all owners
   */
  Budgets(
      BudgetStates states, Member.Count count, Procfs procfs, ProcessId self, LongSupplier clock) {
    this(states, count, procfs, self, clock, new ConcurrentLinkedQueue<>());
  }

  private Budgets(
      BudgetStates states,
      Member.Count count,
      Procfs procfs,
      ProcessId self,
      LongSupplier clock,
      Queue<Owed> owed) {
    this.owed = owed;
    this.states = states;
    this.count = count;
    this.procfs = procfs;
    this.self = self;
    this.clock = clock;
  }

  /** Those of this process alone. */
  public static Budgets local(Os os, Procfs procfs, Member.Count count) throws IOException {
    ProcessId self = ProcessId.of(os.pid(), procfs);
    return new Budgets(new LocalStates(), count, procfs, self, System::nanoTime);
  }

  /** Those of all guards that use this directory, which only this user may write. */
  public static Budgets in(Path directory, Os os, Procfs procfs, Member.Count count)
      throws IOException {
    FileStates files = new FileStates(os, procfs, directory.resolve("budgets"));
    // On Linux this clock is CLOCK_MONOTONIC, one for all processes.
    Queue<Owed> owed = OWED.computeIfAbsent(directory, path -> new ConcurrentLinkedQueue<>());
    return new Budgets(
        files, count, procfs, ProcessId.of(os.pid(), procfs), System::nanoTime, owed);
  }

  @Override
  public Reservation reserve(Ask ask) throws IOException {
    payAll();
    try {
      return reserveNow(ask);
    } catch (IOException | RuntimeException | Error e) {
      // It may be written, as when the file could not be closed, and nobody has it to give it back.
      owed.add(new Owed(ask.budget(), state -> state.places.remove(ask.command())));
      throw e;
    }
  }

  private Reservation reserveNow(Ask ask) throws IOException {
    if (ask.userMax() == UNLIMITED) {
      return states.change(ask.budget(), state -> decide(state, ask));
    }
    return states.alone(
        () -> {
          Others others = others(ask.budget());
          return states.change(ask.budget(), state -> decideForUser(state, ask, others));
        });
  }

  private Reservation decide(BudgetState state, Ask ask) throws IOException {
    int ahead = waitingBefore(ask.command(), state);
    boolean room = ask.max() == UNLIMITED || atMost(state) + ahead < ask.max();
    long active = 0;
    if (!room || isTimeToSweep(state)) {
      active = processes(counted(state));
      room = ask.max() == UNLIMITED || active + ahead < ask.max();
    }
    return room
        ? granted(state, ask, state.damage)
        : noRoom(state, ask, ahead, new Reservation.Full(whole(active), ask.max(), ahead));
  }

  /** The same where all budgets together have a maximum: everything is counted. */
  private Reservation decideForUser(BudgetState state, Ask ask, Others others) throws IOException {
    int ahead = waitingBefore(ask.command(), state);
    List<Counted> all = counted(state);
    long active = processes(all);
    all.addAll(others.counted());
    long ofUser = processes(all);
    // Who waits in another budget is not ahead: it may wait for room there.
    if (ask.max() != UNLIMITED && active + ahead >= ask.max()) {
      return noRoom(state, ask, ahead, new Reservation.Full(whole(active), ask.max(), ahead));
    }
    if (ofUser + ahead >= ask.userMax()) {
      return noRoom(
          state, ask, ahead, new Reservation.UserFull(whole(ofUser), ask.userMax(), ahead));
    }
    return granted(state, ask, join(state.damage, others.damage()));
  }

  private Reservation granted(BudgetState state, Ask ask, String damage) {
    state.waiting.remove(ask.command());
    state.places.put(ask.command(), PlaceLine.of(ask.command(), self, ask.outer()));
    return new Reservation.Granted(new HeldPlace(ask), "", damage);
  }

  private Reservation noRoom(BudgetState state, Ask ask, int ahead, Reservation full) {
    if (!ask.waits()) {
      return full;
    }
    state.waiting.putIfAbsent(ask.command(), self);
    return new Reservation.Queued(ahead + 1);
  }

  private static int whole(long processes) {
    return (int) Math.min(processes, Integer.MAX_VALUE);
  }

  private static String join(String a, String b) {
    return a.isEmpty() || b.isEmpty() ? a + b : a + "; " + b;
  }

  /**
   * What the other budgets have.
   *
   * @param damage what was lost before, empty: nothing
   */
  private record Others(List<Counted> counted, String damage) {}

  /** One budget after the other: nobody may have the locks of two. */
  private Others others(String budget) throws IOException {
    List<Counted> counted = new ArrayList<>();
    String damage = "";
    for (String other : states.budgets()) {
      if (!other.equals(budget)) {
        damage =
            join(
                damage,
                states.change(
                    other,
                    state -> {
                      counted.addAll(counted(state));
                      return state.damage;
                    }));
      }
    }
    return new Others(counted, damage);
  }

  /**
   * A number that is not smaller than the count, from as few files as there are cgroups with
   * commands in them: where that leaves room, nobody needs to be counted.
   */
  private long atMost(BudgetState state) throws IOException {
    long most = 0;
    Set<String> parents = new HashSet<>();
    for (PlaceLine place : state.places.values()) {
      String parent = place.parent();
      if (isCountedWithOuter(place, state.places)) {
        continue;
      }
      if (!parent.isEmpty()) {
        parents.add(parent);
      } else if (place.isHeld()) {
        return Integer.MAX_VALUE;
      } else {
        most++;
      }
    }
    for (String parent : parents) {
      most += count.atMost(PlaceLine.path(parent)).orElse(Integer.MAX_VALUE);
    }
    return most;
  }

  private static boolean isTimeToSweep(BudgetState state) {
    int places = state.places.size();
    return places >= MANY && Integer.bitCount(places) == 1;
  }

  /** Counts who waits longer and could go, and removes those who died. */
  private int waitingBefore(String command, BudgetState state) throws IOException {
    int ahead = 0;
    Iterator<Map.Entry<String, ProcessId>> waiting = state.waiting.entrySet().iterator();
    while (waiting.hasNext()) {
      Map.Entry<String, ProcessId> one = waiting.next();
      if (one.getKey().equals(command)) {
        break;
      }
      if (!lives(one.getValue())) {
        waiting.remove();
      } else if (!one.getValue().isStopped(procfs)) {
        ahead++;
      }
    }
    return ahead;
  }

  /**
   * A place and its live processes, also those that are counted with another place.
   *
   * @param processes how many
   */
  private record Counted(PlaceLine place, int processes) {}

  /** Counts, and removes the places of those who died. */
  private List<Counted> counted(BudgetState state) throws IOException {
    List<Counted> counted = new ArrayList<>();
    Iterator<PlaceLine> all = state.places.values().iterator();
    while (all.hasNext()) {
      PlaceLine place = all.next();
      boolean owned = lives(place.owner());
      int processes = processes(place, owned);
      if (processes == 0 && (!owned || place.lingers())) {
        all.remove();
      } else {
        counted.add(new Counted(place, processes));
      }
    }
    return counted;
  }

  private static long processes(List<Counted> counted) {
    Map<String, PlaceLine> places = new HashMap<>();
    counted.forEach(c -> places.put(c.place().command(), c.place()));
    return counted.stream()
        .filter(c -> !isCountedWithOuter(c.place(), places))
        .mapToLong(Counted::processes)
        .sum();
  }

  /** Whether its processes are some of those of another place. */
  private static boolean isCountedWithOuter(PlaceLine place, Map<String, PlaceLine> places) {
    boolean proved = !place.outer().startsWith("?");
    PlaceLine outer = places.get(proved ? place.outer() : place.outer().substring(1));
    // Where the outer command has a cgroup, that alone says what is inside.
    return outer != null
        && place.isHeld()
        && outer.isHeld()
        && (proved || outer.parent().isEmpty());
  }

  private int processes(PlaceLine place, boolean owned) throws IOException {
    Optional<Member> member = place.member();
    if (member.isEmpty()) {
      // Not held yet. If its owner has died it never will be.
      return owned ? 1 : 0;
    }
    return count.of(owned ? member.get() : member.get().withoutAdopter());
  }

  private boolean lives(ProcessId owner) throws IOException {
    return owner.equals(self) || owner.lives(procfs);
  }

  /** Gives back the places of the dead in all budgets, also in those that nobody uses any more. */
  public void sweep() throws IOException {
    for (String budget : states.budgets()) {
      states.change(budget, this::counted);
    }
    states.removeForgotten();
  }

  @Override
  public void leaveQueue(Ask ask) {
    changeOrOwe(ask.budget(), state -> state.waiting.remove(ask.command()));
  }

  @Override
  public Start start(String budget, int ratePerSecond, String command) throws IOException {
    return states.change(
        budget,
        state -> {
          RateLimiter.State living = state.rate.withWaiting(living(state.rate.waiting()));
          RateLimiter.Decision decision =
              RateLimiter.decide(living, ratePerSecond, clock.getAsLong(), command, self);
          state.rate = decision.state();
          return new Start(decision.delay(), "");
        });
  }

  private List<RateLimiter.Waiter> living(List<RateLimiter.Waiter> waiting) throws IOException {
    List<RateLimiter.Waiter> living = new ArrayList<>();
    for (RateLimiter.Waiter waiter : waiting) {
      if (lives(waiter.owner())) {
        living.add(waiter);
      }
    }
    return living;
  }

  @Override
  public void leaveStarts(String budget, String command) {
    changeOrOwe(
        budget,
        state -> {
          List<RateLimiter.Waiter> others = new ArrayList<>(state.rate.waiting());
          others.removeIf(waiter -> waiter.command().equals(command));
          state.rate = state.rate.withWaiting(others);
        });
  }

  @Override
  public void catchUp() {
    try {
      payAll();
    } catch (IOException e) {
      // It stays owed: to whoever uses this store next, until the death of this process pays all.
    }
  }

  private void payAll() throws IOException {
    for (Owed one : List.copyOf(owed)) {
      change(one.budget(), one.change());
      owed.remove(one);
    }
  }

  private void change(String budget, Consumer<BudgetState> change) throws IOException {
    states.change(
        budget,
        state -> {
          change.accept(state);
          return state;
        });
  }

  /** For what only makes room: whoever counts can see it anyway, or soon. */
  private void changeOrOwe(String budget, Consumer<BudgetState> change) {
    try {
      change(budget, change);
    } catch (IOException e) {
      owed.add(new Owed(budget, change));
    }
  }

  private final class HeldPlace implements Place {
    private final Ask ask;

    HeldPlace(Ask ask) {
      this.ask = ask;
    }

    @Override
    public void countBy(Member member) throws IOException {
      PlaceLine held = PlaceLine.of(ask.command(), self, ask.outer()).with(member);
      change(ask.budget(), state -> state.places.put(ask.command(), held));
    }

    @Override
    public void giveBackWhenEmpty() {
      changeOrOwe(
          ask.budget(),
          state -> state.places.computeIfPresent(ask.command(), (id, place) -> place.lingering()));
    }

    @Override
    public void giveBack() {
      changeOrOwe(ask.budget(), state -> state.places.remove(ask.command()));
    }
  }
}
