package dev.guard.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.testing.Await;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Shows that a lock that is held or waited for stays, and no other does. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LocalLocksTest {
  private static final Path FILE = Path.of("/store/b.lock");

  private final LocalLocks locks = new LocalLocks();

  @Test
  void whatNobodyUsesIsForgotten() {
    for (int i = 0; i < 1000; i++) {
      Path file = Path.of("/store/" + i + ".lock");
      locks.lock(file);
      assertThat(locks.size()).isEqualTo(1);
      locks.unlock(file);
    }
    assertThat(locks.size()).isZero();
  }

  @Test
  void whoWaitsGetsTheLockThatWasHeldAndNoOther() throws Exception {
    CountDownLatch got = new CountDownLatch(1);
    locks.lock(FILE);
    Thread waits =
        new Thread(
            () -> {
              locks.lock(FILE);
              got.countDown();
              locks.unlock(FILE);
            });
    waits.start();
    Await.until("it waits", () -> waits.getState() == Thread.State.WAITING);
    assertThat(got.getCount()).isEqualTo(1);
    assertThat(locks.size()).isEqualTo(1);
    locks.unlock(FILE);
    waits.join();
    assertThat(got.getCount()).isZero();
    assertThat(locks.size()).isZero();
  }

  @Test
  void onlyOneThreadAtATimeHoldsIt() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Thread thread =
          new Thread(
              () -> {
                for (int n = 0; n < 500; n++) {
                  locks.lock(FILE);
                  most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                  inside.decrementAndGet();
                  locks.unlock(FILE);
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(most.get()).isEqualTo(1);
    assertThat(locks.size()).isZero();
  }
}
