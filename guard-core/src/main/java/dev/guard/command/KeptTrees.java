package dev.guard.command;

import dev.guard.admission.BudgetStore;
import dev.guard.launch.LeftAtGate;
import dev.guard.launch.Lifeline;
import dev.guard.os.MainProcess;
import dev.guard.os.Os;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.process.Tree;
import dev.guard.reap.Reaper;
import dev.guard.report.Journal;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Kept trees are processes that commands of one runner have left alive, by their policy or since it
 * could not be proved that they have ended: a program that lives on forgets each tree when nothing
 * of it is left. When the program has gone, the lifeline does.
 */
final class KeptTrees {
  private final List<Kept> all = new ArrayList<>();

  private record Kept(String id, Remnant remnant, Journal journal) {}

  private interface Remnant {
    boolean haveGone() throws IOException;
  }

  /** Keeps the processes that a command has left on purpose. */
  void add(CommandContext context, CommandTree left) {
    add(context, left, Optional.empty());
  }

  /**
   * Keeps the processes of a command of which it could not be proved that they have ended.
   *
   * @param place the command's place; no other guard could know that it is free as long as this
   *     process lives, where the command's processes could not be named in it
   */
  void add(CommandContext context, CommandTree left, Optional<BudgetStore.Place> place) {
    Tree tree = left.tree();
    MainProcess main = left.main();
    add(
        new Kept(
            context.id(),
            () -> {
              boolean gone = main.hasEnded() && tree.isEmpty() && tree.cgroup().remove().isEmpty();
              if (gone && place.isPresent()) {
                place.get().giveBack();
              }
              return gone;
            },
            context.journal()));
  }

  /**
   * Keeps the processes of a command whose shim has gone, and has left a process with them. This
   * one does the same, in case that was killed.
   *
   * @param until the process with which they are to end; empty: they may live as long as they like
   */
  void addOfShim(CommandContext context, CommandTree left, Optional<ProcessId> until) {
    Os os = context.os();
    Procfs procfs = context.procfs();
    Tree tree =
        new Tree(procfs, left.cgroup(), left.main().id(), context.id(), Optional.empty())
            .knowing(context.strays().known())
            .provenOnly();
    add(
        new Kept(
            context.id(),
            () -> {
              tree.mainWaitedFor();
              if (until.isPresent() && !until.get().lives(procfs)) {
                new Reaper(os, tree).end(Duration.ZERO);
              }
              return tree.isEmpty() && tree.cgroup().remove().isEmpty();
            },
            context.journal()));
  }

  /** Tells whether there are none. */
  synchronized boolean isEmpty() {
    return all.isEmpty();
  }

  /** Keeps a process that was not released and could not be ended, and tries again to end it. */
  void add(String id, LeftAtGate left, BudgetStore.Place place, Journal journal) {
    add(
        new Kept(
            id,
            () -> {
              left.end();
              // As long as this process lives, other guards could not know that the place is free.
              place.giveBack();
              return true;
            },
            journal));
  }

  private synchronized void add(Kept kept) {
    all.add(kept);
  }

  /**
   * Forgets the trees of which nothing is left.
   *
   * @throws IOException for trees that could not be looked at, after all others were
   */
  synchronized void tidy(Lifeline lifeline) throws IOException {
    IOException failure = null;
    Iterator<Kept> each = all.iterator();
    while (each.hasNext()) {
      Kept kept = each.next();
      try {
        if (kept.remnant().haveGone()) {
          lifeline.done(kept.id());
          kept.journal().forget();
          each.remove();
        }
      } catch (IOException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
