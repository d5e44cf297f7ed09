package dev.guard.command;

import dev.guard.Outcome;
import dev.guard.admission.NotRunException;
import dev.guard.cgroup.CommandCgroup;
import dev.guard.command.CommandAdmission.Admitted;
import dev.guard.command.CommandRelease.Released;
import dev.guard.launch.Held;
import dev.guard.launch.NotExecutedException;
import dev.guard.launch.StandardStreams;
import dev.guard.monitor.Monitor;
import dev.guard.os.WaitStatus;
import dev.guard.report.Receipt;
import dev.guard.report.Recorder;
import dev.guard.value.Ending;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Runs the life of one command, stage by stage: each takes what the one before it gave. A life runs
 * once, on a thread of its own.
 */
final class CommandLife implements Runnable {
  private final CommandContext context;
  private final Recorder recorder;
  private final CommandCleanup cleanup;

  CommandLife(CommandContext context) {
    this.context = context;
    this.recorder = context.recorder();
    this.cleanup = new CommandCleanup(context);
  }

  /**
   * Runs all stages; whatever fails, and be it the JVM, the tree is ended and the result is there.
   */
  @Override
  public void run() {
    try {
      try {
        runStages();
      } finally {
        cleanup.run().forEach(e -> recorder.failed("cleaning up: " + CommandContext.text(e)));
      }
      finish();
    } catch (Throwable e) {
      context.handle().result().completeExceptionally(e);
    }
  }

  private void runStages() {
    try {
      stages();
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

  private void stages()
      throws NotRunException, IOException, NotExecutedException, InterruptedException {
    tidyKeptTrees();

    CommandAdmission admission = new CommandAdmission(context);
    Admitted admitted = admission.admit(cleanup);
    admission.makeKnown();

    StandardStreams streams = openStreams();
    CommandConfinement confinement = new CommandConfinement(context);
    boolean joins = context.launch().joinsByItself();
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

    Ending event = monitor(released.orElseThrow());
    reap(released.get(), event);
    report(released.get(), event, streams);
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
            .hold(context.id(), context.request(), streams, asScript, cgroup, cleanup::leftAtGate));
  }

  private Ending monitor(Released released) throws IOException {
    Optional<Duration> timeout = context.config().timeout();
    OptionalLong deadline =
        timeout.isPresent()
            ? OptionalLong.of(recorder.deadline(timeout.get()))
            : OptionalLong.empty();
    Ending event =
        new Monitor(context.os())
            .await(
                released.tree().main(),
                deadline,
                context.handle().cancelDescriptor(),
                released.watch());
    recorder.ended();
    recorder.strays(released.watch().strays());
    recorder.layer(
        Receipt.lifeline(context.lifeline().pid(), context.lifeline().problem(context.procfs())));
    return event;
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
