package dev.guard.command;

import dev.guard.Leftovers;
import dev.guard.cgroup.CommandCgroup;
import dev.guard.launch.Held;
import dev.guard.os.MainProcess;
import dev.guard.os.ProcessId;
import dev.guard.os.Signals;
import dev.guard.process.Tree;
import dev.guard.reap.Reaper;
import dev.guard.report.Recorder;
import dev.guard.value.Ending;
import dev.guard.value.Result.Survivor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * This class knows the processes of one command, from its spawn on: whether any of them may live,
 * and how they are ended.
 */
final class CommandTree {
  private final CommandContext context;
  private final Held held;
  private final Tree tree;
  // True from the release until it is proved that nothing is left, or the rest is kept.
  private boolean mayLive;

  CommandTree(CommandContext context, Held held, CommandCgroup cgroup) {
    this.context = context;
    this.held = held;
    Caller caller = context.caller();
    int lifeline = context.lifeline().isChildOfGuard() ? context.lifeline().pid() : 0;
    Optional<Tree.Adopter> adopter =
        caller.hasGuardForItself()
            ? Optional.of(new Tree.Adopter(caller.guard().pid(), guardsStart(), lifeline))
            : Optional.empty();
    this.tree = new Tree(context.procfs(), cgroup, held.main().id(), context.id(), adopter);
  }

  /** Answers the start time of a guard that may end before this process; 0: it is this one. */
  private long guardsStart() {
    ProcessId guard = context.caller().guard();
    return guard.pid() == context.os().pid() ? 0 : guard.startTicks();
  }

  Held held() {
    return held;
  }

  MainProcess main() {
    return held.main();
  }

  Tree tree() {
    return tree;
  }

  CommandCgroup cgroup() {
    return tree.cgroup();
  }

  /**
   * Tells whether the command was released, or could not be kept from running, and is not proved to
   * have ended.
   */
  boolean mayLive() {
    return mayLive;
  }

  /** Notes that the command may run from now on, whatever fails. */
  void released() {
    mayLive = true;
  }

  /** Notes that the kernel has not executed the command, and its process has ended. */
  void notExecuted() {
    mayLive = false;
  }

  /** Ends the process unrun. */
  void abandon() throws IOException {
    mayLive = true;
    held.abandon();
    mayLive = false;
  }

  /** Ends the processes that the end of the wait has left, but for those that the policy keeps. */
  void end(Ending.Reason event) throws IOException {
    Duration killAfter = context.config().killAfter();
    switch (event) {
      case ENDED -> {
        tree.mainWaitedFor();
        endLeftovers();
      }
      case DEADLINE, OUT_OF_CPU_TIME -> end(context.request().timeoutSignal(), killAfter);
      case CANCELLED -> end(Signals.TERM, context.handle().isKilled() ? Duration.ZERO : killAfter);
        // A tree that the limits have stopped gets no grace: it would go on meanwhile.
      default -> kill();
    }
  }

  /** Ends the tree without a grace. */
  void kill() {
    end(Signals.TERM, Duration.ZERO);
  }

  /**
   * Ends the tree; processes that could not be ended, or could not be proved to have been, may
   * live.
   */
  private List<Survivor> end(int signal, Duration grace) {
    // Where their guard has gone, nothing else leads to those that had come to it.
    tree.knowing(context.strays().known());
    List<Survivor> survivors = new Reaper(context.os(), tree, held.main()).end(signal, grace);
    mayLive = !survivors.isEmpty();
    context.recorder().survivors(survivors);
    return survivors;
  }

  private void endLeftovers() throws IOException {
    if (tree.isEmpty()) {
      mayLive = false;
      return;
    }
    Leftovers policy = context.config().leftovers();
    boolean hasNoCaller =
        policy == Leftovers.WITH_PARENT && context.caller().hasGone(context.procfs());
    if (policy != Leftovers.KILL && !hasNoCaller) {
      context.recorder().leftoversKept(tree.members().size());
      mayLive = false;
      return;
    }
    List<Recorder.Leftover> left = named(tree.members());
    Set<Integer> survivors = new HashSet<>();
    end(Signals.TERM, context.config().killAfter()).forEach(s -> survivors.add(s.pid()));
    left.removeIf(p -> survivors.contains(p.pid()));
    context.recorder().leftoversKilled(left);
  }

  /** Names processes, but for those that have ended meanwhile by themselves. */
  private List<Recorder.Leftover> named(Set<Integer> pids) throws IOException {
    List<Recorder.Leftover> named = new ArrayList<>();
    for (int pid : pids) {
      context.procfs().stat(pid).ifPresent(s -> named.add(new Recorder.Leftover(pid, s.command())));
    }
    return named;
  }

  /**
   * Marks the command's cgroup, for guards that do not see its record.
   *
   * @param until the process whose end ends the mark; empty: no process's end does
   */
  void mark(Optional<ProcessId> until) {
    try {
      cgroup().markKept(until, context.procfs());
    } catch (IOException e) {
      // The cause is e.g. cgroup.max.descendants. The record says the same to all others.
      context.recorder().note("mark on its cgroup: " + CommandContext.text(e));
    }
  }
}
