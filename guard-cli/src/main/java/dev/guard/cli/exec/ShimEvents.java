package dev.guard.cli.exec;

import dev.guard.command.CommandHandle;
import dev.guard.gateway.ShimConnection;
import dev.guard.os.Signals;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Does about signals of a shim and its end what is left to do here. */
final class ShimEvents implements ShimConnection.Events {
  // They end no command that waits.
  private static final List<Integer> HARMLESS =
      List.of(
          Signals.CHLD,
          Signals.CONT,
          Signals.TSTP,
          Signals.TTIN,
          Signals.TTOU,
          Signals.URG,
          Signals.WINCH);
  private static final List<Integer> ENDING =
      List.of(Signals.HUP, Signals.INT, Signals.QUIT, Signals.TERM);

  private static final List<Integer> TYPED = List.of(Signals.INT, Signals.QUIT);

  private final CommandHandle command;
  private final boolean inForeground;
  private final boolean hangupEnds;
  private final Optional<Duration> killAfter;
  private boolean killed;
  private boolean isTold;

  /**
   * Looks after one command.
   *
   * @param inForeground whether the command gets the signals of typed keys beside its shim
   * @param isTold whether the caller of a detached command has been told its id
   * @param hangupEnds whether it ends, and is not only told, when its terminal goes away
   * @param killAfter when it is killed after an ending signal; empty: never
   */
  ShimEvents(
      CommandHandle command,
      boolean inForeground,
      boolean isTold,
      boolean hangupEnds,
      Optional<Duration> killAfter) {
    this.hangupEnds = hangupEnds;
    this.isTold = isTold;
    this.command = command;
    this.inForeground = inForeground;
    this.killAfter = killAfter;
  }

  @Override
  public synchronized void signal(int signal, boolean fromKernel) {
    if (HARMLESS.contains(signal) || (fromKernel && signal == Signals.XCPU)) {
      return;
    }
    command.signalOfReleaser(signal);
    if (hangupEnds && signal == Signals.HUP) {
      command.cancel();
    }
    boolean typed = inForeground && fromKernel && TYPED.contains(signal);
    if (ENDING.contains(signal) && !typed && killAfter.isPresent() && !killed) {
      killed = true;
      Executor later =
          CompletableFuture.delayedExecutor(killAfter.get().toNanos(), TimeUnit.NANOSECONDS);
      later.execute(command::kill);
    }
  }

  @Override
  public synchronized void told() {
    isTold = true;
  }

  @Override
  public void cancelled() {
    command.cancel();
  }

  @Override
  public synchronized void hungUp() {
    // A detached command lives on: its caller can stop it by its id.
    if (!isTold) {
      command.kill();
    }
  }
}
