package dev.guard.launch;

import dev.guard.os.MainProcess;
import dev.guard.os.Os;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A spawned process that waits at its gate for good, since the gate could not be opened to let it
 * fail, e.g. for want of a descriptor. It runs nothing, and its end can be tried again.
 */
public final class LeftAtGate {
  private final Os os;
  private final Optional<MainProcess> main;
  private final Gate gate;
  private final CompletableFuture<Integer> executed;

  LeftAtGate(Os os, Optional<MainProcess> main, Gate gate, CompletableFuture<Integer> executed) {
    this.os = os;
    this.main = main;
    this.gate = gate;
    this.executed = executed;
  }

  /**
   * Tries to end it, for a second when it is stopped.
   *
   * @throws IOException when it is there still
   */
  public void end() throws IOException {
    Held.refuse(os, main, gate, executed);
    if (main.isPresent()) {
      main.get().close();
    }
  }
}
