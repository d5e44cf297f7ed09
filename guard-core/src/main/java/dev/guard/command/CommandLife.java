package dev.guard.command;

import dev.guard.Cause;
import dev.guard.Outcome;
import dev.guard.admission.NotRunException;
import dev.guard.cgroup.CommandCgroup;
import dev.guard.command.CommandAdmission.Admitted;
import dev.guard.command.CommandRelease.Released;
import dev.guard.launch.Held;
import dev.guard.launch.NotExecutedException;
import dev.guard.launch.StandardStreams;
import dev.guard.monitor.Monitor;
import dev.guard.os.ProcessId;
import dev.guard.os.WaitStatus;
import dev.guard.record.CommandRecord;
import dev.guard.report.Receipt;
import dev.guard.report.Recorder;
import dev.guard.value.Ending;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Runs the life of one command, stage by stage: each takes what the one before it gave. A life runs
 * once, on a thread that may wait; where the main process tells its end, no thread waits for that,
 * and the rest of the life runs on another one.
 */
final class CommandLife implements Runnable {
  private final CommandContext context;
  private final Recorder recorder;
  private final CommandCleanup cleanup;
  private final Optional<Begun> begun;
  private Optional<TakenOver> takenOver = Optional.empty();
  private final AtomicBoolean isOver = new AtomicBoolean();

  CommandLife(CommandContext context) {
    this(context, Optional.empty());
  }

  /** Makes the rest of a life that another process began. */
  CommandLife(CommandContext context, Optional<Begun> begun) {
    this.begun = begun;
    this.context = context;
    this.recorder = context.recorder();
    this.cleanup = new CommandCleanup(context);
  }

  /** A command that runs, whose gateway has gone. */
  record Begun(CommandRecord record, Held held) {}

  /** What the rest of its life needs. */
  private record TakenOver(CommandTree tree, StandardStreams streams) {}

  /** A part of the life, which may fail in any way. */
  private interface Stages {
    void run() throws NotRunException, IOException, NotExecutedException, InterruptedException;
  }

  /** A command that may run, with the streams that it has. */
  private record Running(Released released, StandardStreams streams) {}

  /**
   * Runs all stages; whatever fails, and be it the JVM, the tree is ended and the result is there.
   */
  @Override
  public void run() {
    AtomicReference<Running> running = new AtomicReference<>();
    attempt(() -> running.set(begun.isPresent() ? resume() : begin()));
    if (running.get() == null) {
      conclude();
      return;
    }
    try {
      monitor(running.get().released()).waitAndTell(ending -> end(running.get(), ending));
    } catch (RuntimeException | Error e) {
      end(
          running.get(),
          () -> {
            throw e;
          });
    }
  }

  /** Runs the stages after the wait, once, whoever says that it is over. */
  private void end(Running running, Monitor.EndingAnswer ending) {
    if (!isOver.compareAndSet(false, true)) {
      return;
    }
    attempt(
        () -> {
          Ending event = ending.ending();
          waited(running.released());
          reap(running.released(), event);
          report(running.released(), event, running.streams());
        });
    conclude();
  }

  private void attempt(Stages stages) {
    try {
      stages.run();
    } catch (NotRunException e) {
      recorder.outcome(e.outcome());
    } catch (NotExecutedException e) {
      recorder.outcome(new Outcome.NotExecuted(e.exitCode(), List.of(e.getMessage())));
    } catch (InterruptedException e) {
      recorder.failed("interrupted");
    } catch (Throwable e) {
      // Errors are caught here alone: one, as when no thread can be had, must end the command like
      // any failure.
      recorder.failed(CommandContext.text(e));
    }
  }

  private void conclude() {
    try {
      cleanup.run().forEach(e -> recorder.failed("cleaning up: " + CommandContext.text(e)));
      finish();
    } catch (Throwable e) {
      context.handle().result().completeExceptionally(e);
    }
  }

  /** Runs the stages up to the release. */
  private Running begin()
      throws NotRunException, IOException, NotExecutedException, InterruptedException {
    tidyKeptTrees();

    CommandAdmission admission = new CommandAdmission(context);
    Admitted admitted = admission.admit(cleanup);
    admission.makeKnown();

    StandardStreams streams = openStreams();
    CommandConfinement confinement = new CommandConfinement(context);
    boolean joins = context.launch().joinsByItself();
    if (joins) {
      context.lifeline().begins(context.id());
    }
    Optional<CommandCgroup> made =
        joins ? Optional.of(confinement.makeCgroup(cleanup)) : Optional.empty();
    Held held = hold(streams, made.orElse(context.limiter().at(context.id())), false);
    // After the hold where it can: the lifeline removes cgroups only of what it knows to be held.
    CommandCgroup cgroup = joins ? made.get() : confinement.makeCgroup(cleanup);
    CommandTree tree = confinement.confine(admitted, held, cgroup, cleanup);

    CommandRelease release = new CommandRelease(context);
    Optional<Released> released = release.release(tree, streams, cleanup);
    if (released.isEmpty()) {
      // A script without an interpreter line: the kernel does not execute it, the shell does.
      tree = confinement.confine(admitted, hold(streams, cgroup, true), cgroup, cleanup);
      released = release.release(tree, streams, cleanup);
    }
    return new Running(released.orElseThrow(), streams);
  }

  /**
   * Takes a command over that runs, before {@link #run}. Where that fails, nothing is done to the
   * command, which goes on without this process.
   */
  void takeOver() throws IOException {
    try {
      takenOver = Optional.of(takeOver(begun.orElseThrow()));
    } catch (IOException | RuntimeException | Error e) {
      cleanup.letGo().forEach(e::addSuppressed);
      throw e;
    }
  }

  private TakenOver takeOver(Begun life) throws IOException {
    CommandRecord record = life.record();
    ProcessId lifeline = ProcessId.of(context.lifeline().pid(), context.procfs());
    CommandCgroup cgroup =
        CommandCgroup.resumed(
            context.runner().kernel().cgroupfs(), record.member().orElseThrow().cgroups());
    // It is ended whatever fails in the rest of its life, and its cgroup goes.
    cleanup.held(life.held());
    cleanup.cgroupIsMade();
    cleanup.cgroup(cgroup);
    CommandTree tree = cleanup.tree(new CommandTree(context, life.held(), cgroup));
    tree.released();
    tree.tree().knowing(record.strays());
    cgroup.killer().hold(context.os());
    recorder.resumed(releasedAt(record), record.layers());
    recorder.layer(
        Receipt.lifeline(context.lifeline().named(), context.lifeline().problem(context.procfs())));
    if (context.log().isPresent()) {
      context.log().get().resume(context.id());
    }
    StandardStreams streams =
        cleanup.streams(StandardStreams.open(context.os(), context.request(), context.log()));
    // Last, since from now on others leave it to this process.
    context.journal().resume(record.lookedAfterBy(lifeline));
    return new TakenOver(tree, streams);
  }

  /** Runs what is left of the stages up to the release of a command that was taken over. */
  private Running resume() throws IOException {
    TakenOver now = takenOver.orElseThrow();
    Released released = new CommandRelease(context).resume(now.tree(), now.streams(), cleanup);
    return new Running(released, now.streams());
  }

  private long releasedAt(CommandRecord record) {
    Optional<Duration> timeout = context.config().timeout();
    return timeout.isPresent()
        ? record.monotonic().deadline().orElseThrow() - timeout.get().toNanos()
        : record.monotonic().requested().orElseGet(System::nanoTime);
  }

  private void tidyKeptTrees() {
    try {
      context.runner().kept().tidy(context.lifeline());
    } catch (IOException e) {
      // The kept trees stay for the next time, and do not concern this command.
      recorder.note("what is kept of others: " + CommandContext.text(e));
    }
  }

  private StandardStreams openStreams() throws IOException {
    if (context.log().isPresent()) {
      context.log().get().begin(context.id());
    }
    return cleanup.streams(StandardStreams.open(context.os(), context.request(), context.log()));
  }

  /** Spawns the process at its gate, or the shell that is to run the program as a script. */
  private Held hold(StandardStreams streams, CommandCgroup cgroup, boolean asScript)
      throws IOException, NotExecutedException {
    return cleanup.held(
        context
            .launch()
            .hold(
                context.id(),
                context.request(),
                streams,
                asScript,
                cgroup,
                context.config(),
                cleanup::leftAtGate));
  }

  private Monitor monitor(Released released) {
    Optional<Duration> timeout = context.config().timeout();
    OptionalLong deadline =
        timeout.isPresent()
            ? OptionalLong.of(recorder.deadline(timeout.get()))
            : OptionalLong.empty();
    return new Monitor(
        context.os(), released.tree().main(), deadline, context.handle().alarm(), released.watch());
  }

  /** Takes note of what the wait has shown. */
  private void waited(Released released) throws IOException {
    recorder.ended();
    recorder.strays(released.watch().strays());
    recorder.layer(
        Receipt.lifeline(context.lifeline().named(), context.lifeline().problem(context.procfs())));
  }

  private void reap(Released released, Ending event) throws IOException {
    // The refusals are read first: when the reaper stops the tree from forking, that counts as
    // refused, too.
    recorder.refusals(released.tree().cgroup());
    released.tree().end(event.reason());
    context.handle().groupEnded();
    context.lifeline().groupEnded(context.id());
  }

  private void report(Released released, Ending event, StandardStreams streams) throws IOException {
    CommandTree tree = released.tree();
    WaitStatus status = tree.main().status();
    recorder.usage(tree.main(), tree.cgroup(), context.procfs());
    boolean usedUp =
        status != null && released.cpuTime().filter(c -> c.hasEnded(status)).isPresent();
    recorder.outcome(usedUp ? new Ending(Ending.Reason.OUT_OF_CPU_TIME, status) : event, status);
    ProcessId guard = context.caller().guard();
    boolean unknown = context.log().isPresent() && status != null && status.isUnknown();
    if (unknown && !guard.lives(context.procfs())) {
      // A detached command outlives its shim, and then nobody has waited for its main process.
      String message = CommandSettlement.unknownEnd(guard);
      recorder.outcome(new Outcome.Ran(Cause.GUARD_ERROR, Optional.empty(), List.of(message)));
    }
    recorder.output(streams.finish());
    context.log().ifPresent(l -> recorder.lostByLog(l.lost(), l.problem()));
    streams.problems().forEach(recorder::note);
  }

  private void finish() {
    try {
      context
          .journal()
          .finished(recorder.result(), context.hasRun(), cleanup.leavesSomething())
          .forEach(recorder::note);
    } catch (RuntimeException | Error e) {
      recorder.note("record: " + CommandContext.text(e));
    }
    context.handle().result().complete(recorder.result());
  }
}
