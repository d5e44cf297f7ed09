package dev.guard.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.admission.BudgetStore.Place;
import dev.guard.admission.BudgetStore.PlaceRequest;
import dev.guard.admission.BudgetStore.Reservation;
import dev.guard.os.Os;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.os.Signals;
import dev.guard.process.Member;
import dev.guard.testing.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Checks the rules of budgets, with the counts of commands made up. */
abstract class BudgetsContract {
  static final int MAX = 5;
  static final int UNLIMITED = Integer.MAX_VALUE;
  private static final int THREADS = 60;
  private static final int ROUNDS = 50;
  private static final int BROKEN = -1;

  final Map<String, Integer> counts = new ConcurrentHashMap<>();
  final Map<Path, Long> mostIn = new ConcurrentHashMap<>();
  private static final long SECOND = 1_000_000_000L;

  final AtomicInteger commands = new AtomicInteger();
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  Budgets store;

  /** Where the states are. */
  abstract BudgetStates states() throws IOException;

  @BeforeEach
  void open() throws IOException {
    store = budgets(self(), System::nanoTime);
  }

  @AfterEach
  void stopThreads() {
    threads.shutdownNow();
  }

  static ProcessId self() throws IOException {
    return ProcessId.of((int) ProcessHandle.current().pid(), Procfs.system());
  }

  /** One of whom only the number is still there. */
  static ProcessId dead() throws IOException {
    return new ProcessId(self().pid(), self().startTicks() - 1);
  }

  Budgets budgets(ProcessId owner, LongSupplier clock) throws IOException {
    return new Budgets(states(), new MadeUp(), Procfs.system(), owner, clock);
  }

  private final class MadeUp implements Member.Count {
    @Override
    public int of(Member member) throws IOException {
      return count(member);
    }

    @Override
    public OptionalLong atMost(Path parent) {
      return mostIn.containsKey(parent)
          ? OptionalLong.of(mostIn.get(parent))
          : OptionalLong.empty();
    }
  }

  private int count(Member member) throws IOException {
    // Counting takes time, as it does with processes: time in which another one could be granted.
    LockSupport.parkNanos(10_000);
    int count = counts.get(member.command());
    if (count == BROKEN) {
      throw new IOException("/proc can not be read");
    }
    return count;
  }

  static PlaceRequest ask(String command, String budget, int max) {
    return new PlaceRequest(command, budget, max, UNLIMITED, false, false, "");
  }

  static PlaceRequest waiting(String command) {
    return new PlaceRequest(command, "b", MAX, UNLIMITED, true, false, "");
  }

  Reservation reserve(String budget, int max) throws IOException {
    return store.reserve(ask("c" + commands.incrementAndGet(), budget, max));
  }

  Place granted(String budget, int max) throws IOException {
    return granted(reserve(budget, max));
  }

  static Consumer<Reservation> isFull(int active, int max, int waiting) {
    return answer -> refused(answer, false, active, max, waiting);
  }

  static Consumer<Reservation> isFullOfUser(int active, int max, int waiting) {
    return answer -> refused(answer, true, active, max, waiting);
  }

  private static void refused(
      Reservation answer, boolean ofUser, int active, int max, int waiting) {
    assertThat(answer).isInstanceOf(Reservation.Full.class);
    Reservation.Full full = (Reservation.Full) answer;
    assertThat(List.of(full.ofUser(), full.active(), full.max(), full.waiting()))
        .isEqualTo(List.of(ofUser, active, max, waiting));
  }

  static Place granted(Reservation answer) {
    assertThat(answer).isInstanceOf(Reservation.Granted.class);
    return ((Reservation.Granted) answer).place();
  }

  /** Grants a place for a command that has so many processes. */
  Place running(int processes, String budget, int max) throws IOException {
    Place place = granted(budget, max);
    has("c" + commands, processes);
    place.countBy(member("c" + commands));
    return place;
  }

  void has(String command, int processes) {
    counts.put(command, processes);
  }

  static Member member(String command) {
    return new Member(command, 1, 2, 0, 0, List.of());
  }

  private <T> List<T> allAtOnce(Callable<T> task) throws Exception {
    CyclicBarrier start = new CyclicBarrier(THREADS);
    Callable<T> together =
        () -> {
          start.await();
          return task.call();
        };
    List<T> answers = new ArrayList<>();
    for (Future<T> answer : threads.invokeAll(Collections.nCopies(THREADS, together))) {
      answers.add(answer.get());
    }
    return answers;
  }

  @Test
  void aStepThatFailsChangesNothing() throws IOException {
    BudgetStates states = states();
    PlaceLine place = PlaceLine.of("a", new ProcessId(1, 1), false, "");
    states.change("b", state -> state.places.put("a", place));
    assertThatThrownBy(
            () ->
                states.change(
                    "b",
                    state -> {
                      state.places.clear();
                      throw new IOException("no");
                    }))
        .hasMessage("no");
    assertThat(states.<Integer>change("b", state -> state.places.size())).isEqualTo(1);
  }

  @Test
  void ofSixtyAtOnceExactlyAsManyAreGrantedAsThereIsRoom() throws Exception {
    running(0, "b", MAX);
    for (int round = 0; round < ROUNDS; round++) {
      List<Place> places = new ArrayList<>();
      for (Reservation answer : allAtOnce(() -> reserve("b", MAX))) {
        if (answer instanceof Reservation.Granted granted) {
          places.add(granted.place());
        } else {
          assertThat(answer).satisfies(isFull(MAX, MAX, 0));
        }
      }
      assertThat(places).as("granted in round " + round).hasSize(MAX);
      for (Place place : places) {
        place.giveBack();
      }
    }
  }

  @Test
  void aPlaceCountsAsManyProcessesAsItsTreeHas() throws IOException {
    running(3, "b", 4);
    granted("b", 4);
    assertThat(reserve("b", 4)).satisfies(isFull(4, 4, 0));
  }

  @Test
  void aTreeThatHasGoneLeavesRoomBeforeItsPlaceIsGivenBack() throws IOException {
    running(0, "b", 1);
    granted("b", 1);
  }

  @Test
  void aFailureToCountAdmitsNobody() throws IOException {
    running(BROKEN, "b", MAX);
    String broken = "c" + commands;
    for (int i = 0; i < MAX; i++) {
      assertThatThrownBy(() -> reserve("b", MAX)).hasMessage("/proc can not be read");
    }
    has(broken, 0);
    for (int i = 0; i < MAX; i++) {
      granted("b", MAX);
    }
    assertThat(reserve("b", MAX)).as("no place was lost or won").satisfies(isFull(MAX, MAX, 0));
  }

  @Test
  void whereAllTasksTogetherLeaveRoomNobodyIsCounted() throws IOException {
    Path parent = Path.of("/pids/guard");
    mostIn.put(parent, 4L);
    for (int i = 1; i <= 3; i++) {
      Place place = granted("b", 6);
      has("c" + i, BROKEN);
      List<Path> cgroups = List.of(parent.resolve("cmd_" + i), Path.of("/memory/guard/cmd_" + i));
      place.countBy(new Member("c" + i, 1, 2, 0, 0, cgroups));
    }
    granted("b", 6);
    assertThatThrownBy(() -> reserve("b", 5)).hasMessage("/proc can not be read");
    for (int i = 1; i <= 3; i++) {
      has("c" + i, 1);
    }
    assertThat(reserve("b", 4)).satisfies(isFull(4, 4, 0));
    granted("b", 5);
  }

  @Test
  void aPlaceThatIsGivenBackTwiceIsOnePlace() throws IOException {
    Place first = granted("b", 2);
    granted("b", 2);
    first.giveBack();
    first.giveBack();
    granted("b", 2);
    assertThat(reserve("b", 2)).isInstanceOf(Reservation.Full.class);
  }

  @Test
  void whatIsLeftAliveCountsUntilItHasGone() throws IOException {
    Place place = running(1, "b", 1);
    place.giveBackWhenEmpty();
    assertThat(reserve("b", 1)).satisfies(isFull(1, 1, 0));
    has("c1", 0);
    granted("b", 1).giveBack();
    // The place itself has gone, not only its processes.
    has("c1", 1);
    granted("b", 1);
  }

  @Test
  void budgetsDoNotShareRoomOrRate() throws IOException {
    granted("a", 1);
    granted("b", 1);
    assertThat(store.start("a", 1, "c1").delay()).isZero();
    assertThat(store.start("b", 1, "c2").delay()).isZero();
    assertThat(store.start("a", 1, "c3").delay()).isPositive();
  }

  @Test
  void withoutALimitNothingIsCounted() throws IOException {
    running(BROKEN, "b", Integer.MAX_VALUE);
    granted("b", Integer.MAX_VALUE);
  }

  @Test
  void withoutALimitTheDeadDoNotPileUp() throws IOException {
    Budgets gone = budgets(dead(), System::nanoTime);
    for (int i = 0; i < 100; i++) {
      granted(gone.reserve(ask("d" + i, "b", Integer.MAX_VALUE)));
      // Each of them is another process.
      gone = budgets(new ProcessId(self().pid(), self().startTicks() - 2 - i), System::nanoTime);
    }
    int places = states().change("b", state -> state.places.size());
    assertThat(places).isLessThanOrEqualTo(17);
  }

  @Test
  void eachAsksWithItsOwnMaximum() throws IOException {
    granted("b", 1);
    assertThat(reserve("b", 1)).satisfies(isFull(1, 1, 0));
    granted("b", 2);
    assertThat(reserve("b", 1)).satisfies(isFull(2, 1, 0));
  }

  @Test
  void thePlaceOfADeadOwnerIsFreeUnlessItsProcessesLive() throws IOException {
    Budgets gone = budgets(dead(), System::nanoTime);
    granted(gone.reserve(ask("unheld", "b", 2)));
    Place held = granted(gone.reserve(ask("held", "b", 2)));
    has("held", 1);
    held.countBy(member("held"));

    granted("b", 2);
    assertThat(reserve("b", 2)).as("held still runs").satisfies(isFull(2, 2, 0));
    has("held", 0);
    granted("b", 2);
  }

  @Test
  void aCommandInsideACommandCountsOnce() throws IOException {
    running(3, "b", 9);
    Place inner =
        granted(store.reserve(new PlaceRequest("inner", "b", 4, UNLIMITED, false, false, "c1")));
    assertThat(reserve("b", 4)).as("it will be one more").satisfies(isFull(4, 4, 0));
    has("inner", 1);
    has("c1", 4);
    inner.countBy(member("inner"));
    assertThat(reserve("b", 4)).satisfies(isFull(4, 4, 0));
    granted("b", 5);
    Place other =
        granted(
            store.reserve(
                new PlaceRequest("elsewhere", "b", 9, UNLIMITED, false, false, "ofAnotherBudget")));
    has("elsewhere", 2);
    other.countBy(member("elsewhere"));
    assertThat(reserve("b", 7)).satisfies(isFull(7, 7, 0));
  }

  @Test
  void theEnvironmentAloneProvesNothingWhereTheOuterCommandHasACgroup() throws IOException {
    Place outer = granted("b", 9);
    has("c1", 1);
    outer.countBy(new Member("c1", 1, 2, 0, 0, List.of(Path.of("/pids/guard/cmd_c1"))));
    for (String name : List.of("a", "b")) {
      has(name, 1);
      granted(store.reserve(new PlaceRequest(name, "b", 9, UNLIMITED, false, false, "?c1")))
          .countBy(member(name));
    }
    assertThat(reserve("b", 3)).satisfies(isFull(3, 3, 0));
    outer.countBy(member("c1"));
    assertThat(reserve("b", 1)).as("without cgroups").satisfies(isFull(1, 1, 0));
  }

  @Test
  void whoIsStoppedInTheQueueDoesNotKeepOthersFromGoing() throws Exception {
    Process sleep = new ProcessBuilder("sleep", "60").start();
    try {
      ProcessId stopped = ProcessId.of((int) sleep.pid(), Procfs.system());
      granted("b", 1);
      budgets(stopped, System::nanoTime)
          .reserve(new PlaceRequest("first", "b", 1, UNLIMITED, true, false, ""));
      assertThat(reserve("b", 2)).as("one runs, one waits").isInstanceOf(Reservation.Full.class);
      Os.linux().kill((int) sleep.pid(), Signals.STOP);
      Await.until("stopped", () -> stopped.isStopped(Procfs.system()));
      granted("b", 2);
    } finally {
      sleep.destroyForcibly().waitFor();
    }
  }

  @Test
  void whoWaitsIsNextInTheOrderOfComing() throws IOException {
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < MAX; i++) {
      places.add(granted("b", MAX));
    }
    assertThat(store.reserve(waiting("first"))).isEqualTo(new Reservation.Queued(1));
    assertThat(store.reserve(waiting("second"))).isEqualTo(new Reservation.Queued(2));
    places.get(0).giveBack();
    assertThat(store.reserve(waiting("second"))).isEqualTo(new Reservation.Queued(2));
    assertThat(reserve("b", MAX))
        .as("who does not wait may not go before those who do")
        .satisfies(isFull(MAX - 1, MAX, 2));
    granted(store.reserve(waiting("first")));
    assertThat(store.reserve(waiting("second"))).isEqualTo(new Reservation.Queued(1));
    places.get(1).giveBack();
    granted(store.reserve(waiting("second")));
  }

  @Test
  void whoGivesUpOrDiesLeavesTheQueue() throws IOException {
    Place place = granted("b", 1);
    PlaceRequest first = new PlaceRequest("first", "b", 1, UNLIMITED, true, false, "");
    PlaceRequest second = new PlaceRequest("second", "b", 1, UNLIMITED, true, false, "");
    PlaceRequest third = new PlaceRequest("third", "b", 1, UNLIMITED, true, false, "");
    budgets(dead(), System::nanoTime).reserve(first);
    assertThat(store.reserve(second)).isEqualTo(new Reservation.Queued(1));
    assertThat(store.reserve(third)).isEqualTo(new Reservation.Queued(2));
    store.leaveQueue(second);
    store.leaveQueue(second);
    place.giveBack();
    granted(store.reserve(third));
  }

  private Reservation reserveOfUser(String budget, int max, int userMax) throws IOException {
    String command = "c" + commands.incrementAndGet();
    return store.reserve(new PlaceRequest(command, budget, max, userMax, false, false, ""));
  }

  @Test
  void ofSixtyAtOnceInManyBudgetsExactlyAsManyAreGrantedAsTheUserMayHave() throws Exception {
    running(0, "b0", MAX);
    AtomicInteger next = new AtomicInteger();
    for (int round = 0; round < ROUNDS; round++) {
      List<Place> places = new ArrayList<>();
      Callable<Reservation> one =
          () -> reserveOfUser("b" + next.incrementAndGet() % 7, UNLIMITED, MAX);
      for (Reservation answer : allAtOnce(one)) {
        if (answer instanceof Reservation.Granted granted) {
          places.add(granted.place());
        } else {
          assertThat(answer).satisfies(isFullOfUser(MAX, MAX, 0));
        }
      }
      assertThat(places).as("granted in round " + round).hasSize(MAX);
      for (Place place : places) {
        place.giveBack();
      }
    }
  }

  @Test
  void bothMaximaHoldAndTheAnswerSaysWhich() throws IOException {
    running(2, "a", MAX);
    running(1, "b", MAX);
    assertThat(reserveOfUser("a", 2, 9)).satisfies(isFull(2, 2, 0));
    assertThat(reserveOfUser("a", 9, 3)).satisfies(isFullOfUser(3, 3, 0));
    assertThat(reserveOfUser("all", 9, 3)).satisfies(isFullOfUser(3, 3, 0));
    granted(reserveOfUser("all", 9, 4));
    granted(reserveOfUser("b", 2, 5));
  }

  @Test
  void whoHasNoMaximumOfTheUserCountsNoOtherBudget() throws IOException {
    running(BROKEN, "a", MAX);
    granted("b", 1);
    assertThatThrownBy(() -> reserveOfUser("b", MAX, 9)).hasMessage("/proc can not be read");
    assertThatThrownBy(() -> reserveOfUser("a", MAX, 9)).hasMessage("/proc can not be read");
  }

  @Test
  void theDeadOfOtherBudgetsDoNotCountForTheUser() throws IOException {
    granted(budgets(dead(), System::nanoTime).reserve(ask("gone", "a", 9)));
    granted(reserveOfUser("b", UNLIMITED, 1));
    int places = states().change("a", state -> state.places.size());
    assertThat(places).as("removed").isZero();
  }

  @Test
  void aCommandInsideACommandOfAnotherBudgetCountsOnceForTheUser() throws IOException {
    running(3, "a", 9);
    Place inner = granted(store.reserve(new PlaceRequest("inner", "b", 9, 4, false, false, "c1")));
    has("inner", 1);
    inner.countBy(member("inner"));
    assertThat(reserveOfUser("c", 9, 3)).satisfies(isFullOfUser(3, 3, 0));
    granted(reserveOfUser("b", 9, 4));
  }

  @Test
  void inItsOwnBudgetNobodyOvertakesWhoWaitsForRoomOfTheUser() throws IOException {
    Place place = granted("a", 1);
    granted("a", 2);
    PlaceRequest first = new PlaceRequest("first", "b", 9, 2, true, false, "");
    assertThat(store.reserve(first)).isEqualTo(new Reservation.Queued(1));
    assertThat(store.reserve(first)).isEqualTo(new Reservation.Queued(1));
    place.giveBack();
    assertThat(reserveOfUser("b", 9, 2)).satisfies(isFullOfUser(1, 2, 1));
    granted(store.reserve(first));
    int waiting = states().change("b", state -> state.waiting.size());
    assertThat(waiting).isZero();
  }

  @Test
  void whoWaitsForItsStartComesBeforeWhoComesLater() throws IOException {
    AtomicLong now = new AtomicLong();
    Budgets budgets = budgets(self(), now::get);
    assertThat(budgets.start("b", 1, "c1").delay()).isZero();
    assertThat(budgets.start("b", 1, "c2").delay()).isPositive();
    now.set(SECOND);
    assertThat(budgets.start("b", 1, "c3").delay()).isPositive();
    assertThat(budgets.start("b", 1, "c2").delay()).isZero();
    now.set(2 * SECOND);
    assertThat(budgets.start("b", 1, "c3").delay()).isZero();
  }

  @Test
  void whoLeftOrDiedWhileItWaitedForItsStartHoldsUpNobody() throws IOException {
    AtomicLong now = new AtomicLong();
    Budgets budgets = budgets(self(), now::get);
    assertThat(budgets.start("b", 1, "c1").delay()).isZero();
    assertThat(budgets(dead(), now::get).start("b", 1, "dead").delay()).isPositive();
    assertThat(budgets.start("b", 1, "left").delay()).isPositive();
    budgets.leaveStarts("b", "left");
    now.set(SECOND);
    assertThat(budgets.start("b", 1, "c2").delay()).isZero();
  }

  @Test
  void startsOfManyThreadsShareOneWindow() throws Exception {
    Budgets still = budgets(self(), () -> 42);
    AtomicInteger number = new AtomicInteger();
    long admitted =
        allAtOnce(() -> still.start("b", MAX, "c" + number.incrementAndGet()).delay().isZero())
            .stream()
            .filter(a -> a)
            .count();
    assertThat(admitted).isEqualTo(MAX);
  }

  // ---- the reserve of a full budget

  private Reservation orReserve(String command, String budget, int max, int userMax)
      throws IOException {
    return store.reserve(new PlaceRequest(command, budget, max, userMax, false, true, ""));
  }

  private static Reservation.Full inReserve(Reservation answer) {
    assertThat(answer).isInstanceOf(Reservation.Granted.class);
    return ((Reservation.Granted) answer).reserve().orElseThrow();
  }

  @Test
  void aFullBudgetHasOneReserveAtATime() throws IOException {
    running(4, "b", 9);
    assertThat(((Reservation.Granted) orReserve("first", "b", 9, UNLIMITED)).reserve())
        .as("there is room")
        .isEmpty();
    Reservation answer = orReserve("second", "b", 4, UNLIMITED);
    assertThat(inReserve(answer)).satisfies(isFull(5, 4, 0));
    has("second", 2);
    granted(answer).countBy(member("second"));
    Reservation third = orReserve("third", "b", 4, UNLIMITED);
    assertThat(third).satisfies(isFull(7, 4, 0));
    assertThat(((Reservation.Full) third).inReserve()).hasValue("second");
    inReserve(orReserve("elsewhere", "c", 0, UNLIMITED));
    granted(answer).giveBackWhenEmpty();
    assertThat(orReserve("third", "b", 4, UNLIMITED))
        .as("its leftovers have it")
        .satisfies(isFull(7, 4, 0));
    granted(answer).giveBack();
    inReserve(orReserve("fourth", "b", 4, UNLIMITED));
  }

  @Test
  void theReserveIsFreeWhenItsCommandHasGone() throws IOException {
    running(4, "b", 9);
    Budgets ofDead = budgets(dead(), System::nanoTime);
    Place place =
        granted(ofDead.reserve(new PlaceRequest("dies", "b", 4, UNLIMITED, false, true, "")));
    has("dies", 1);
    place.countBy(member("dies"));
    assertThat(orReserve("next", "b", 4, UNLIMITED)).satisfies(isFull(5, 4, 0));
    has("dies", 0);
    inReserve(orReserve("next", "b", 4, UNLIMITED));
  }

  @Test
  void whoWaitsQueuesAndDoesNotGetTheReserve() throws IOException {
    running(4, "b", 9);
    PlaceRequest waits = new PlaceRequest("waits", "b", 4, UNLIMITED, true, true, "");
    assertThat(store.reserve(waits)).isEqualTo(new Reservation.Queued(1));
    assertThat(reserve("b", 4)).as("has not asked for it").satisfies(isFull(4, 4, 1));
  }

  /** Else each new name of a budget would give one more place beyond the user's maximum. */
  @Test
  void beyondTheUsersMaximumAllBudgetsHaveOneReserveTogether() throws IOException {
    running(4, "b", 9);
    inReserve(orReserve("first", "new", 9, 4));
    Reservation second = orReserve("second", "newer", 9, 4);
    assertThat(second).satisfies(isFullOfUser(5, 4, 0));
    assertThat(((Reservation.Full) second).inReserve()).hasValue("first");
    assertThat(orReserve("third", "b", 4, 4)).as("both are full").satisfies(isFull(4, 4, 0));
    inReserve(orReserve("fourth", "b", 4, 9));
  }

  @Test
  void aRefusalNamesTheLargest() throws IOException {
    running(1, "b", 9);
    running(5, "b", 9);
    running(2, "b", 99);
    running(3, "b", 99);
    assertThat(((Reservation.Full) reserve("b", 4)).holders())
        .containsExactly(
            new BudgetStore.Holder("c2", 5),
            new BudgetStore.Holder("c4", 3),
            new BudgetStore.Holder("c3", 2));
    running(7, "other", 9);
    assertThat(
            ((Reservation.Full)
                    store.reserve(new PlaceRequest("all", "new", 9, 4, false, false, "")))
                .holders()
                .get(0))
        .isEqualTo(new BudgetStore.Holder("c6", 7));
  }

  /** Whoever ended the command that it is a part of would end itself. */
  @Test
  void aRefusalNamesNoneThatTheCommandIsAPartOf() throws IOException {
    running(9, "b", 99);
    Place inner = granted(store.reserve(within("inner", 99, "c1")));
    has("inner", 4);
    inner.countBy(member("inner"));
    Place beside = granted(store.reserve(within("beside", 99, "c1")));
    has("beside", 2);
    beside.countBy(member("beside"));
    assertThat(((Reservation.Full) store.reserve(within("asks", 3, "inner"))).holders())
        .containsExactly(new BudgetStore.Holder("beside", 2));
    assertThat(((Reservation.Full) reserve("b", 3)).holders())
        .as("its count has those inside of it")
        .containsExactly(new BudgetStore.Holder("c1", 9));
  }

  private static PlaceRequest within(String command, int max, String outer) {
    return new PlaceRequest(command, "b", max, UNLIMITED, false, false, outer);
  }
}
