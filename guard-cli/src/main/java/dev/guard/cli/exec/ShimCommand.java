package dev.guard.cli.exec;

import dev.guard.Layer;
import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Messages;
import dev.guard.command.CommandHandle;
import dev.guard.command.CommandRunner;
import dev.guard.command.NotServedException;
import dev.guard.command.UserStore;
import dev.guard.gateway.Hello;
import dev.guard.gateway.LongArguments;
import dev.guard.gateway.ShimConnection;
import dev.guard.gateway.ShimRunner;
import dev.guard.gateway.StartBeside;
import dev.guard.launch.Held;
import dev.guard.os.Kernel;
import dev.guard.record.CommandRecord;
import dev.guard.value.CommandOutput;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Runs one command for a shim, and tells that what comes of it.
 *
 * @param runner runs this command alone; it is closed when nothing of it is left
 * @param words the shim's arguments, whose room is given back with the result
 * @param gateway starts one beside this command, which none serves; empty: that is not wanted
 * @param window where the command runs, in a session
 */
record ShimCommand(
    Serving serving,
    ShimConnection shim,
    Hello hello,
    CommandRunner runner,
    ExecRequest asked,
    LongArguments.Words words,
    Optional<StartBeside> gateway,
    Optional<SessionWindow> window) {
  private static final byte[] NOTHING = {};

  /**
   * Holds what all commands of a gateway share.
   *
   * @param live how many live
   */
  record Serving(Kernel kernel, UserStore store, AtomicInteger live, LeftoversOfShims leftovers) {}

  /** Runs the command until it is released; its end is told by what happens then. */
  void start() throws IOException {
    CompletableFuture<CommandHandle> handle = new CompletableFuture<>();
    AtomicBoolean told = new AtomicBoolean();
    Request request =
        asked
            .request()
            .withOutput(output(), output())
            .inheriting(List.of(), hello.ignoredSignals())
            .withBeforeRelease(
                pid -> {
                  // A script is held twice.
                  if (told.compareAndSet(false, true)) {
                    Duration waited = handle.join().waitedForStart();
                    StartWait.told(runner.config(), waited)
                        .ifPresent(line -> ShimLines.say(shim, List.of(line)));
                  }
                });
    // This thread runs it: another one would have to be woken.
    AtomicReference<Runnable> life = new AtomicReference<>();
    CommandHandle started = runner.start(request, life::set);
    handle.complete(started);
    // One that would not have served this command is of no use to the next.
    started
        .released()
        .thenAccept(
            receipt -> gateway.filter(g -> runner.couldBeServed()).ifPresent(StartBeside::go));
    if (hello.hasDetached()) {
      started.released().thenAccept(receipt -> tellId(started, receipt));
    }
    if (window.isPresent()) {
      started.released().thenAccept(receipt -> tellSession(started));
    }
    follow(started);
    life.get().run();
  }

  private void tellSession(CommandHandle command) {
    if (!window.get().released(command.id())) {
      command.cancel();
    }
  }

  /**
   * Takes a command over that runs, and whose gateway has gone.
   *
   * @throws NotServedException when it is none that can be taken over
   */
  void adopt() throws IOException, NotServedException {
    Request request = asked.request().withOutput(output(), output());
    AtomicReference<Runnable> life = new AtomicReference<>();
    CommandRecord record = ShimRunner.commandOf(serving.store(), shim, runner.config());
    Held main = ShimRunner.mainOf(serving.kernel(), shim, record, request);
    CommandHandle resumed;
    try {
      resumed = runner.resume(request, record, main, life::set);
    } catch (IOException | RuntimeException | Error e) {
      // Its shim is declined, and goes on alone.
      main.close();
      throw e;
    }
    tellAdopted();
    follow(resumed);
    life.get().run();
  }

  private void tellAdopted() {
    try {
      shim.adopted();
    } catch (IOException e) {
      // It has gone, and the command is this process's to end, or to let live: follow sees to that.
      Messages.print("the shim of a command that was taken over: " + Messages.of(e));
    }
  }

  private void follow(CommandHandle started) {
    serving.live().incrementAndGet();
    started
        .result()
        .whenComplete(
            (result, failure) -> {
              serving.live().decrementAndGet();
              words.close();
            });
    started.result().whenComplete((result, failure) -> tell(started, result, failure));
    boolean inForeground = asked.request().foreground();
    boolean isTold = hello.hasDetached() && hello.hasCommand();
    Optional<Duration> killAfter = asked.killAfterSignal(runner.config());
    ShimEvents events =
        new ShimEvents(started, inForeground, isTold, window.isPresent(), killAfter);
    if (!shim.tell(events)) {
      events.hungUp();
    }
  }

  private CommandOutput output() {
    return hello.hasDetached() ? new CommandOutput.Log() : new CommandOutput.Inherit();
  }

  /**
   * Has the caller of a detached command told its id; where that can not be, nobody could stop it.
   */
  private void tellId(CommandHandle command, List<Layer> receipt) {
    try {
      ShimLines.say(shim, ExecOutcome.degraded(receipt, asked.effective()));
      shim.tell(command.id(), runner.logFile().orElseThrow());
    } catch (IOException e) {
      command.cancel();
    }
  }

  private void tell(CommandHandle command, Result result, Throwable failure) {
    try {
      if (failure != null) {
        byte[] line = ShimLines.bytes(List.of("guard failed: " + Messages.of(failure)));
        shim.result(ExitCode.GUARD_ERROR, 0, false, false, line, NOTHING);
        return;
      }
      ExecOutcome outcome = new ExecOutcome(result, asked);
      if (!command.released().isDone()) {
        window.ifPresent(w -> w.notRun(outcome.status(), result.outcome().messages()));
      }
      boolean reports = asked.arguments().has(ExecOption.REPORT);
      shim.result(
          outcome.status(),
          outcome.signal(),
          outcome.wasEnded(),
          result.leftoversKept() > 0,
          ShimLines.bytes(outcome.lines(!hello.hasDetached())),
          reports ? outcome.reportBytes() : NOTHING);
    } catch (IOException e) {
      // The shim has gone, and with it whoever could be told; the history has the command.
      return;
    } finally {
      serving.leftovers().closeWithoutAny(runner);
    }
  }
}
