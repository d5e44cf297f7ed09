package dev.guard.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD, unit = TimeUnit.SECONDS)
class ClockTest {
  private final Clock clock = new Clock();
  private final BlockingQueue<String> struck = new LinkedBlockingQueue<>();

  /** One that says its name once, and may fail then. */
  private final class Named implements Clock.Timed {
    private final String name;
    private final long due;
    private final Error failure;

    Named(String name, long millis, Error failure) {
      this.name = name;
      this.due = System.nanoTime() + millis * 1_000_000;
      this.failure = failure;
    }

    @Override
    public long due() {
      return due;
    }

    @Override
    public void strike() {
      clock.remove(this);
      struck.add(name);
      if (failure != null) {
        throw failure;
      }
    }
  }

  /** As without memory: all deadlines of a gateway depend on this one thread. */
  @Test
  void oneThatFailsHoldsUpNoOther() throws InterruptedException {
    clock.add(new Named("fails", 0, new OutOfMemoryError("as without memory")));
    assertThat(struck.take()).isEqualTo("fails");
    clock.add(new Named("next", 0, null));
    assertThat(struck.take()).isEqualTo("next");
  }

  /** Both are due before the clock would look by itself, the second one first. */
  @Test
  void whoIsDueBeforeTheNextTickIsNotLate() throws InterruptedException {
    for (String round : List.of("a clock that has just started", "a clock that sleeps")) {
      clock.add(new Named("later", 40, null));
      clock.add(new Named("sooner", 5, null));
      assertThat(struck.take()).as(round).isEqualTo("sooner");
      assertThat(struck.take()).as(round).isEqualTo("later");
    }
  }

  /** A watch asks the clock under its own lock, so the clock must not ask it under the clock's. */
  @Test
  void whoIsAskedMayWaitForSomebodyWhoComesToTheClock() throws InterruptedException {
    Named other = new Named("other", 60_000, null);
    Clock.Timed waits =
        new Clock.Timed() {
          private final long due = System.nanoTime();

          @Override
          public long due() {
            Thread comes = new Thread(() -> clock.remove(other));
            comes.start();
            try {
              comes.join();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            return due;
          }

          @Override
          public void strike() {
            clock.remove(this);
            struck.add("waits");
          }
        };
    clock.add(waits);
    assertThat(struck.take()).isEqualTo("waits");
  }

  @Test
  void whoWasRemovedIsToldNothing() throws InterruptedException {
    Named gone = new Named("gone", 20, null);
    clock.add(gone);
    clock.add(new Named("there", 30, null));
    clock.remove(gone);
    assertThat(struck.take()).isEqualTo("there");
    assertThat(clock.size()).isZero();
    assertThat(struck).isEmpty();
  }
}
