package dev.guard.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.MainProcess;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.ProcessId;
import dev.guard.os.WaitedChild;
import dev.guard.testing.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Releases a process before it has come to its gate: between its fork and its open there is a
 * scheduler. It must find the gate, and find it open.
 */
class LateAtGateTest {
  private final Os os = Os.linux();
  private ShellLifeline lifeline;

  @BeforeEach
  void start() throws Exception {
    lifeline = ShellLifeline.start(os);
  }

  @AfterEach
  void stop() throws Exception {
    lifeline.close();
  }

  @Test
  void theGateStaysOpen() throws Exception {
    FifoGate gate = FifoGate.make(os, lifeline, "1a7e" + System.nanoTime(), Optional.empty());
    gate.open();

    CompletableFuture<Integer> late = arrive(gate);

    Await.until("through the open gate", late::isDone);
    os.close(late.join());
    gate.remove();
    assertThat(Path.of(gate.fifo().toString()).getParent()).doesNotExist();
  }

  @Test
  void theGateIsThereUntilTheProcessHasExecuted() throws Exception {
    FifoGate gate = FifoGate.make(os, lifeline, "1a7e" + System.nanoTime(), Optional.empty());
    CompletableFuture<Integer> executed = new CompletableFuture<>();
    MainProcess nobody = new WaitedChild(os, new ProcessId(0, 0), -1, true);
    Held held = new SpawnHeld(os, OsString.of("true"), nobody, gate, executed, false);
    CompletableFuture<Boolean> release = new CompletableFuture<>();
    Thread releaser =
        daemon(
            () -> release.complete(held.release(Duration.ofMinutes(1), new CompletableFuture<>())));
    Await.until("waits for the exec", () -> releaser.getState() == Thread.State.TIMED_WAITING);

    CompletableFuture<Integer> late = arrive(gate);

    Await.until("through the open gate", late::isDone);
    os.close(late.join());
    executed.complete(1);
    Await.until("released", release::isDone);
    assertThat(Path.of(gate.fifo().toString())).doesNotExist();
  }

  /** Comes to the gate as the spawned process does; completes once it is through. */
  private CompletableFuture<Integer> arrive(FifoGate gate) {
    CompletableFuture<Integer> through = new CompletableFuture<>();
    daemon(() -> through.complete(os.open(gate.fifo(), DescriptorCalls.Open.READ, 0)));
    return through;
  }

  private interface DaemonAction {
    void run() throws Exception;
  }

  private static Thread daemon(DaemonAction step) {
    Thread thread =
        new Thread(
            () -> {
              try {
                step.run();
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            },
            "late");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }
}
