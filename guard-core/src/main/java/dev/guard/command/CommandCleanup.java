package dev.guard.command;

import dev.guard.Leftovers;
import dev.guard.admission.BudgetStore.Place;
import dev.guard.cgroup.CommandCgroup;
import dev.guard.launch.Held;
import dev.guard.launch.LeftAtGate;
import dev.guard.launch.StandardStreams;
import dev.guard.monitor.Watch;
import dev.guard.os.ProcessId;
import dev.guard.record.CommandRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A cleanup knows what one command has acquired, and gives all of it back at the end of its life.
 * Each step is made whatever fails before it, so that nothing of the command stays but what its
 * policy keeps or what could not be ended. Such a remainder has its record until it is proved to be
 * gone.
 */
final class CommandCleanup {
  private final CommandContext context;

  // The parts stand in the order in which they are acquired; each is empty until then.
  private Optional<Place> place = Optional.empty();
  private Optional<StandardStreams> streams = Optional.empty();
  private Optional<Held> held = Optional.empty();
  private boolean leftAtGate;
  // True also when making the cgroup has failed, with a part of it there.
  private boolean mayHaveCgroup;
  private Optional<CommandCgroup> cgroup = Optional.empty();
  private Optional<CommandTree> tree = Optional.empty();
  private Optional<Watch> watch = Optional.empty();

  CommandCleanup(CommandContext context) {
    this.context = context;
  }

  // ---- what is acquired

  Place place(Place taken) {
    place = Optional.of(taken);
    return taken;
  }

  StandardStreams streams(StandardStreams open) {
    streams = Optional.of(open);
    return open;
  }

  Held held(Held process) {
    held = Optional.of(process);
    return process;
  }

  /**
   * Takes over a process that could not be held and could not be ended either: its place is taken
   * as long as it lives.
   */
  void leftAtGate(LeftAtGate left) {
    // This is set first: whatever fails here, the process may live.
    leftAtGate = true;
    LeftAtGate withCgroup =
        () -> {
          left.end();
          context.limiter().at(context.id()).remove();
        };
    context.runner().kept().add(context.id(), withCgroup, place.orElseThrow(), context.journal());
    place = Optional.empty();
  }

  void cgroupIsMade() {
    mayHaveCgroup = true;
  }

  CommandCgroup cgroup(CommandCgroup made) {
    cgroup = Optional.of(made);
    return made;
  }

  CommandTree tree(CommandTree confined) {
    tree = Optional.of(confined);
    return confined;
  }

  Watch watch(Watch made) {
    watch = Optional.of(made);
    return made;
  }

  /**
   * Closes the held process that has ended without an exec, since another one will be held in its
   * place.
   */
  void closeUnexecuted() throws IOException {
    Held process = held.orElseThrow();
    held = Optional.empty();
    tree = Optional.empty();
    process.close();
  }

  // ---- the end

  /** Gives back everything that was acquired; returns what failed. */
  List<Throwable> run() {
    List<Throwable> failures = new ArrayList<>();
    attempt(failures, this::stopWatch);
    attempt(failures, this::endProcesses);
    attempt(failures, this::removeCgroup);
    attempt(failures, this::closeHeld);
    attempt(failures, this::closeKillOfCgroup);
    attempt(failures, this::closeStreams);
    attempt(failures, this::closeLog);
    attempt(failures, context.handle()::close);
    attempt(failures, this::giveBackPlace);
    context.recorder().reaped();
    return failures;
  }

  /**
   * Closes what was opened for a command that goes on without this process, but for its main
   * process; returns what failed.
   */
  List<Throwable> letGo() {
    List<Throwable> failures = new ArrayList<>();
    attempt(failures, this::closeKillOfCgroup);
    attempt(failures, this::closeStreams);
    if (context.log().isPresent()) {
      attempt(failures, context.log().get()::close);
    }
    attempt(failures, context.handle()::close);
    return failures;
  }

  /**
   * Tells whether something of the command is left, on purpose or not, so that its record stays.
   */
  boolean leavesSomething() {
    return context.recorder().keepsLeftovers() || mayLive();
  }

  /** Tells whether a process may live that was not left on purpose. */
  private boolean mayLive() {
    // A held process whose tree is not known yet has not been abandoned.
    boolean unknown = held.isPresent() && tree.isEmpty();
    return leftAtGate || unknown || (tree.isPresent() && tree.get().mayLive());
  }

  private void stopWatch() {
    if (watch.isPresent()) {
      watch.get().stop();
    }
  }

  private void endProcesses() throws IOException {
    if (held.isPresent() && tree.isEmpty()) {
      // A stage failed before the command's cgroup was made, or while it was made.
      tree(new CommandTree(context, held.get(), context.limiter().at(context.id())));
    }
    if (tree.isEmpty()) {
      return;
    }
    if (!tree.get().mayLive()) {
      tree.get().abandon();
    } else if (!context.recorder().hasSurvivors()) {
      // A stage failed after release: its error must not leave the tree alive.
      tree.get().kill();
    }
  }

  private void removeCgroup() throws IOException {
    if (mayLive()) {
      // The lifeline has not been told done, and ends the tree with this Guard at the latest.
      if (tree.isPresent()) {
        context.runner().kept().add(context, tree.get(), place);
      }
      return;
    }
    if (context.recorder().keepsLeftovers()) {
      handOver(tree.orElseThrow());
      return;
    }
    List<Path> busy = mayHaveCgroup ? madeCgroup().remove() : List.of();
    context.lifeline().done(context.id());
    if (!busy.isEmpty()) {
      throw new IOException("cgroup " + busy.get(0) + " can not be removed, it stays busy");
    }
  }

  /** Answers the cgroup, or all directories that it may have where making it has failed. */
  private CommandCgroup madeCgroup() {
    return cgroup.filter(CommandCgroup::exists).orElseGet(() -> context.limiter().at(context.id()));
  }

  /**
   * Hands the processes that are left alive over to the lifeline, also for the time when this
   * process has gone.
   */
  private void handOver(CommandTree left) throws IOException {
    if (!left.cgroup().exists()) {
      context.strays().left(left.tree().identities());
    }
    Caller caller = context.caller();
    Optional<ProcessId> until = Optional.empty();
    if (context.config().leftovers() == Leftovers.KEEP) {
      context.lifeline().untilEmpty(context.id());
    } else {
      until = Optional.of(caller.process());
    }
    // Where this process is the caller, the lifeline ends the leftovers with it.
    if (until.isPresent() && caller.hasGuardForItself()) {
      context.lifeline().untilParentEnds(context.id(), caller.process());
    }
    left.mark(until);
    context.recorder().note(context.journal().left(new CommandRecord.Left(until)));
    if (context.launch().tellsEnds()) {
      context.runner().kept().addOfShim(context, left, until);
    } else {
      context.runner().kept().add(context, left);
    }
  }

  private void closeHeld() throws IOException {
    if (held.isPresent()) {
      held.get().close();
    }
  }

  private void closeKillOfCgroup() throws IOException {
    if (cgroup.isPresent()) {
      cgroup.get().killer().close(context.os());
    }
  }

  private void closeStreams() throws IOException {
    if (streams.isPresent()) {
      streams.get().close();
    }
  }

  private void closeLog() throws IOException {
    if (context.log().isPresent() && context.hasRun()) {
      context.log().get().close();
    } else if (context.log().isPresent()) {
      context.log().get().discard();
    }
  }

  private void giveBackPlace() {
    if (place.isPresent() && leavesSomething()) {
      place.get().giveBackWhenEmpty();
    } else if (place.isPresent()) {
      place.get().giveBack();
    }
  }

  private interface UndoStep {
    void run() throws IOException;
  }

  private static void attempt(List<Throwable> failures, UndoStep step) {
    try {
      step.run();
    } catch (IOException | RuntimeException | Error e) {
      failures.add(e);
    }
  }
}
