package dev.guard.exec.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.testing.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class HeldTest {
  private final Os os = Os.linux();

  @Test
  void aProcessThatComesToTheGateAfterItsReleaseGoesThrough() throws Exception {
    Gate gate = Gate.make(os);
    CompletableFuture<Integer> executed = new CompletableFuture<>();
    CompletableFuture<Boolean> released = new CompletableFuture<>();
    try (Held held = new Held(os, OsString.of("late"), 4711, -1, gate, executed, false)) {
      Thread releaser =
          new Thread(
              () -> {
                try {
                  released.complete(held.release(Duration.ofSeconds(20)));
                } catch (Exception e) {
                  released.completeExceptionally(e);
                }
              });
      releaser.start();
      Await.until(
          "it waits for the exec",
          () -> releaser.getState() == Thread.State.TIMED_WAITING || released.isDone());
      // What the child does between fork and exec. O_NONBLOCK: a failure is not to hang.
      int through = os.open(gate.fifo(), Os.Open.READ | Os.Open.NONBLOCK, 0);
      assertThat(os.read(through, new byte[1])).as("-1: there is a writer").isEqualTo(-1);
      os.close(through);
      executed.complete(4711);
      assertThat(released.get()).isTrue();
    }
    assertThat(Files.exists(Path.of(gate.fifo().toString()))).isFalse();
    assertThat(Files.exists(Path.of(gate.fifo().toString()).getParent())).isFalse();
  }
}
