package dev.guard;

import dev.guard.command.CommandHandle;
import dev.guard.command.CommandRunner;
import dev.guard.config.GuardConfig;
import dev.guard.value.CommandOutput;
import dev.guard.value.Queueing;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands for a command that a {@link Guard} has taken. Safe for use by many threads. */
public final class RunningCommand {
  static {
    // The class is loaded now: at the end of a command there may be no descriptor left to load it.
    Objects.requireNonNull(CommandResult.class.getNestMembers());
  }

  private final CommandHandle command;
  private final AtomicInteger place;
  private final CompletableFuture<List<Layer>> released = new CompletableFuture<>();
  private final CompletableFuture<CommandResult> result = new CompletableFuture<>();

  private RunningCommand(CommandHandle command, AtomicInteger place) {
    this.command = command;
    this.place = place;
  }

  static RunningCommand start(CommandRunner runner, CommandRequest asked, GuardConfig config)
      throws IOException {
    CommandOutput output = asked.openOutput();
    CommandOutput error = asked.openError();
    AtomicInteger place = new AtomicInteger();
    Request request = asked.request().withOutput(output, error);
    if (asked.queueing().isPresent()) {
      request = request.queueing(new Queueing(asked.queueing().get(), place::set));
    }
    RunningCommand running = new RunningCommand(runner.start(request, config), place);
    running.follow(output, error);
    return running;
  }

  private void follow(CommandOutput output, CommandOutput error) {
    // The future completes on another thread: a caller that waits for the release may take its
    // time, and the deadline comes.
    command.released().thenAccept(receipt -> released.completeAsync(() -> receipt));
    command
        .result()
        .whenComplete(
            (ended, failure) -> {
              try {
                Output.finish(output);
                Output.finish(error);
              } finally {
                released.complete(receipt());
                complete(ended, failure);
              }
            });
  }

  private List<Layer> receipt() {
    return command.released().isCompletedExceptionally()
        ? List.of()
        : command.released().getNow(List.of());
  }

  private void complete(Result ended, Throwable failure) {
    if (failure != null) {
      result.completeExceptionally(new IOException("Guard failed: " + failure, failure));
      return;
    }
    try {
      result.complete(new CommandResult(ended));
    } catch (Throwable e) {
      // This happens e.g. for want of memory: a caller that waits for the result would wait for
      // ever.
      result.completeExceptionally(new IOException("Guard failed: " + e, e));
    }
  }

  /**
   * Answers the command's id, 16 hexadecimal digits, which its variable GUARD_ID and its cgroup's
   * name hold too.
   */
  public String id() {
    return command.id();
  }

  /** Answers the state that the command is in now. */
  public CommandState state() {
    if (result.isDone()) {
      return CommandState.ENDED;
    }
    if (command.isWaiting()) {
      return CommandState.WAITING;
    }
    return command.released().isDone() ? CommandState.RUNNING : CommandState.STARTING;
  }

  /**
   * Answers the command's place in the queue of its budget, 1 for the next one; empty when it is in
   * none.
   */
  public OptionalInt placeInQueue() {
    int number = place.get();
    return number > 0 && state() == CommandState.WAITING
        ? OptionalInt.of(number)
        : OptionalInt.empty();
  }

  /**
   * Completes with the receipt when the command runs inside its limits, and with an empty list when
   * it has ended without having run. The future always completes, and before {@link #result}.
   */
  public CompletableFuture<List<Layer>> released() {
    return released.copy();
  }

  /**
   * Completes when the command has ended, its tree has gone and its cgroup is removed. Refusals,
   * timeouts and failures are results; it completes exceptionally only when Guard's own code has
   * failed. To cancel the future does nothing to the command.
   */
  public CompletableFuture<CommandResult> result() {
    return result.copy();
  }

  /**
   * Ends the command's tree as its timeout would, by TERM, the grace and KILL; before its release
   * the command does not run at all. The cause is {@link Cause#CANCELLED}. A second call has no
   * effect.
   */
  public void cancel() {
    command.cancel();
  }

  /** Ends the command's tree by KILL, without a grace. After {@link #cancel} this has no effect. */
  public void kill() {
    command.kill();
  }

  /**
   * Sends a signal to the command's process group; before its release the command does not run at
   * all, and after its end nothing is done.
   *
   * @param number a signal's number, 1 to 64
   */
  public void signal(int number) throws IOException {
    if (number < 1 || number > 64) {
      throw new IllegalArgumentException("a signal is a number from 1 to 64, not " + number);
    }
    command.signal(number);
  }

  @Override
  public String toString() {
    return "command " + id() + " " + state();
  }
}
