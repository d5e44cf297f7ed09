package dev.guard.cli.exec;

import dev.guard.cli.shared.Installation;
import dev.guard.cli.shared.Invocation;
import dev.guard.cli.shared.Messages;
import dev.guard.cli.terminal.CaughtSignals;
import dev.guard.cli.terminal.SignalLoop;
import dev.guard.cli.terminal.Terminal;
import dev.guard.command.CommandHandle;
import dev.guard.command.CommandRunner;
import dev.guard.config.GuardConfig;
import dev.guard.gateway.StartBeside;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.value.CommandInput;
import dev.guard.value.CommandOutput;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/** Runs one command with the descriptors, signals and terminal of guard's caller. */
final class ExecRun {
  private final Os os;
  private final Invocation invocation;
  private final ExecRequest asked;
  private final ExecWitness witness;
  private SignalLoop signalLoop;
  private volatile boolean hasRun;
  private boolean toldOfWait;

  ExecRun(Os os, Invocation invocation, ExecRequest asked, ExecWitness witness) {
    this.os = os;
    this.invocation = invocation;
    this.asked = asked;
    this.witness = witness;
  }

  /** Answers whether the command has exec'd. */
  boolean hasRun() {
    return hasRun;
  }

  /** Answers the signals that came meanwhile, once the command has its result. */
  SignalLoop signals() {
    return signalLoop;
  }

  /** Runs the command with the input, output and descriptors of the caller. */
  Result attached() throws IOException {
    List<Integer> passed = new ArrayList<>(invocation.descriptors());
    asked
        .arguments()
        .value(ExecOption.REPORT)
        .flatMap(ReportFile::descriptor)
        .ifPresent(passed::remove);
    Request request =
        asked
            .request()
            .withInput(
                invocation.closed().contains(0)
                    ? new CommandInput.Closed()
                    : new CommandInput.Inherit())
            .withOutput(output(1), output(2))
            .inheriting(passed, invocation.ignoredSignals());
    OptionalInt signals = install(request);
    Optional<StartBeside> gateway = gatewayBeside();
    try (CommandRunner guard = CommandRunner.forParent(asked.config())) {
      return run(
          guard,
          request,
          asked.killAfterSignal(guard.config()),
          signals,
          command ->
              command
                  .released()
                  .thenAccept(
                      receipt -> {
                        hasRun = true;
                        // One that would not have served this command is of no use to the next.
                        gateway.filter(g -> guard.couldBeServed()).ifPresent(StartBeside::go);
                        if (!witness.released(command.id())) {
                          command.cancel();
                        }
                      }));
    }
  }

  /** Prepares the start of a gateway, before this process becomes the one that orphans come to. */
  private Optional<StartBeside> gatewayBeside() throws IOException {
    boolean wanted =
        asked.config().gateway() == GuardConfig.Gateway.AUTO && witness == ExecWitness.NONE;
    return wanted
        ? StartBeside.prepare(
            Kernel.system(), Set.of(os.pid()), Installation.folder(), System.getenv())
        : Optional.empty();
  }

  /**
   * Runs the command with a log in place of the output, in the second guard of {@code --detach}.
   */
  Result detached() throws IOException {
    Request request =
        asked
            .request()
            .withInput(new CommandInput.Empty())
            .withOutput(new CommandOutput.Log(), new CommandOutput.Log())
            .inheriting(List.of(), invocation.ignoredSignals());
    OptionalInt signals = install(request);
    try (CommandRunner guard = CommandRunner.forDetached(asked.config())) {
      return run(
          guard,
          request,
          asked.killAfterSignal(guard.config()),
          signals,
          command -> {
            DetachedGuard.follow(os, command);
            command
                .released()
                .thenAccept(
                    receipt -> {
                      ExecOutcome.degraded(receipt, asked.effective()).forEach(Messages::print);
                      DetachedGuard.tellId(command);
                    });
          });
    }
  }

  private Result run(
      CommandRunner guard,
      Request request,
      Optional<Duration> killAfterSignal,
      OptionalInt signals,
      Consumer<CommandHandle> whenStarted)
      throws IOException {
    // In the foreground the terminal is the command's and Guard's alike, so it is not passed on.
    Optional<Terminal> terminal = request.foreground() ? Optional.empty() : Terminal.open(os);
    CompletableFuture<SignalLoop> loop = new CompletableFuture<>();
    try {
      CommandHandle command =
          guard.start(request.withBeforeRelease(pid -> beforeRelease(guard, loop.join(), pid)));
      whenStarted.accept(command);
      SignalLoop.Endings endings =
          new SignalLoop.Endings(witness.endsItAtHangup(), killAfterSignal, request.foreground());
      loop.complete(new SignalLoop(os, signals, terminal, command, endings));
      signalLoop = loop.join();
      return signalLoop.untilDone();
    } catch (CompletionException e) {
      throw new IOException(e.getCause());
    }
  }

  private OptionalInt install(Request request) throws OsException {
    return CaughtSignals.install(os, invocation.ignoredSignals(), request.foreground());
  }

  private CommandOutput output(int descriptor) {
    boolean closed = invocation.closed().contains(descriptor);
    return closed ? new CommandOutput.Closed() : new CommandOutput.Inherit();
  }

  private void beforeRelease(CommandRunner guard, SignalLoop loop, int pid) {
    loop.held(pid);
    if (!toldOfWait) {
      toldOfWait = true;
      StartWait.told(guard.config(), loop.waitedForStart()).ifPresent(Messages::print);
    }
  }
}
