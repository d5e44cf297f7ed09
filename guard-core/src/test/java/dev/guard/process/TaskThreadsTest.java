package dev.guard.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD, unit = TimeUnit.SECONDS)
class TaskThreadsTest {
  private static Thread run(String name) {
    CompletableFuture<Thread> ran = new CompletableFuture<>();
    CompletableFuture<String> named = new CompletableFuture<>();
    TaskThreads.OF_THIS_PROCESS.run(
        name,
        () -> {
          named.complete(Thread.currentThread().getName());
          ran.complete(Thread.currentThread());
        });
    assertThat(named.join()).isEqualTo(name);
    assertThat(ran.join().isDaemon()).isTrue();
    return ran.join();
  }

  @Test
  void aThreadThatIsFreeIsUsedAgain() throws InterruptedException {
    Thread first = run("guard-one");
    // It is free a moment after the task has ended, when it waits for the next one.
    while (first.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    assertThat(run("guard-two")).isSameAs(first);
  }

  /** As beside a fork bomb of the same user. */
  @Test
  void whereNoThreadCanBeHadTheCallerDoesIt() {
    TaskThreads none =
        new TaskThreads(
            task -> {
              throw new OutOfMemoryError("unable to create native thread");
            });
    CompletableFuture<Thread> by = new CompletableFuture<>();
    assertThatThrownBy(() -> none.run("guard-one", () -> by.complete(null)))
        .isInstanceOf(OutOfMemoryError.class);
    assertThat(by).isNotDone();
    none.runAnyhow("guard-one", () -> by.complete(Thread.currentThread()));
    assertThat(by.join()).isSameAs(Thread.currentThread());
  }

  @Test
  void aTaskThatWaitsKeepsNobodyElseWaiting() {
    CompletableFuture<Void> end = new CompletableFuture<>();
    TaskThreads.OF_THIS_PROCESS.run("guard-waits", end::join);
    assertThat(run("guard-beside").getName()).isNotEqualTo("guard-waits");
    end.complete(null);
  }
}
