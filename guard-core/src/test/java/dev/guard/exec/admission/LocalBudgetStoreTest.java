package dev.guard.exec.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.exec.admission.BudgetStore.Place;
import dev.guard.exec.admission.BudgetStore.Reservation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LocalBudgetStoreTest {
  private static final int THREADS = 60;
  private static final int MAX = 5;
  private static final int ROUNDS = 200;

  private final LocalBudgetStore store = new LocalBudgetStore(System::nanoTime);
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  @AfterEach
  void stopThreads() {
    threads.shutdownNow();
  }

  private Place granted(String budget, int max) throws IOException {
    Reservation answer = store.reserve(budget, max);
    assertThat(answer).isInstanceOf(Reservation.Granted.class);
    return ((Reservation.Granted) answer).place();
  }

  private List<Reservation> allAtOnce() throws Exception {
    CyclicBarrier start = new CyclicBarrier(THREADS);
    Callable<Reservation> reserve =
        () -> {
          start.await();
          return store.reserve("b", MAX);
        };
    List<Reservation> answers = new ArrayList<>();
    for (Future<Reservation> answer : threads.invokeAll(Collections.nCopies(THREADS, reserve))) {
      answers.add(answer.get());
    }
    return answers;
  }

  @Test
  void ofSixtyAtOnceExactlyAsManyAreGrantedAsThereIsRoom() throws Exception {
    // Counting takes time, as it does with processes: time in which another one could be granted.
    granted("b", MAX)
        .countBy(
            () -> {
              LockSupport.parkNanos(10_000);
              return 0;
            });
    for (int round = 0; round < ROUNDS; round++) {
      List<Place> places = new ArrayList<>();
      for (Reservation answer : allAtOnce()) {
        if (answer instanceof Reservation.Granted granted) {
          places.add(granted.place());
        } else {
          assertThat(answer).isEqualTo(new Reservation.Full(MAX, MAX));
        }
      }
      assertThat(places).as("granted in round " + round).hasSize(MAX);
      places.forEach(Place::giveBack);
    }
  }

  @Test
  void aPlaceCountsAsManyProcessesAsItsTreeHas() throws IOException {
    granted("b", 4).countBy(() -> 3);
    granted("b", 4);
    assertThat(store.reserve("b", 4)).isEqualTo(new Reservation.Full(4, 4));
  }

  @Test
  void aTreeThatHasGoneLeavesRoomBeforeItsPlaceIsGivenBack() throws IOException {
    granted("b", 1).countBy(() -> 0);
    granted("b", 1);
  }

  @Test
  void aFailureToCountAdmitsNobody() throws IOException {
    Place broken = granted("b", MAX);
    broken.countBy(
        () -> {
          throw new IOException("/proc can not be read");
        });
    for (int i = 0; i < MAX; i++) {
      assertThatThrownBy(() -> store.reserve("b", MAX)).hasMessage("/proc can not be read");
    }
    broken.countBy(() -> 0);
    for (int i = 0; i < MAX; i++) {
      granted("b", MAX);
    }
    assertThat(store.reserve("b", MAX))
        .as("no place was lost or won")
        .isEqualTo(new Reservation.Full(MAX, MAX));
  }

  @Test
  void aPlaceThatIsGivenBackTwiceIsOnePlace() throws IOException {
    Place first = granted("b", 2);
    granted("b", 2);
    first.giveBack();
    first.giveBack();
    granted("b", 2);
    assertThat(store.reserve("b", 2)).isInstanceOf(Reservation.Full.class);
  }

  @Test
  void budgetsDoNotShareRoomOrRate() throws IOException {
    granted("a", 1);
    granted("b", 1);
    assertThat(store.start("a", 1, false)).isZero();
    assertThat(store.start("b", 1, false)).isZero();
    assertThat(store.start("a", 1, false)).isPositive();
  }

  @Test
  void withoutALimitNothingIsCounted() throws IOException {
    Place broken = granted("b", Integer.MAX_VALUE);
    broken.countBy(
        () -> {
          throw new IOException("not to be called");
        });
    granted("b", Integer.MAX_VALUE);
  }

  @Test
  void startsOfManyThreadsShareOneWindow() throws Exception {
    LocalBudgetStore still = new LocalBudgetStore(() -> 42);
    CyclicBarrier start = new CyclicBarrier(THREADS);
    Callable<Boolean> ask =
        () -> {
          start.await();
          return still.start("b", MAX, false).isZero();
        };
    int admitted = 0;
    for (Future<Boolean> answer : threads.invokeAll(Collections.nCopies(THREADS, ask))) {
      admitted += answer.get() ? 1 : 0;
    }
    assertThat(admitted).isEqualTo(MAX);
  }
}
