package dev.guard.command;

import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.Procfs;
import dev.guard.process.Tree;
import dev.guard.reap.Reaper;
import dev.guard.record.CommandRecord;
import dev.guard.record.RecordFiles;
import dev.guard.value.Result.Survivor;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** This class ends commands by hand, whoever runs them. */
final class CommandStopper {
  private static final Duration OWNER_PATIENCE = Duration.ofSeconds(10);
  private static final long PAUSE_NANOS = 20_000_000L;

  private final Os os;
  private final Procfs procfs;
  private final RecordFiles files;
  private final CommandTrees trees;
  private final CommandSettlement settlement;
  private final int asker;

  CommandStopper(
      Kernel kernel,
      RecordFiles files,
      CommandTrees trees,
      CommandSettlement settlement,
      int asker) {
    this.asker = asker;
    this.os = kernel.os();
    this.procfs = kernel.procfs();
    this.files = files;
    this.trees = trees;
    this.settlement = settlement;
  }

  /**
   * Ends a command with all its processes, and waits until whoever looks after it has noticed. A
   * second call, or one after the command's end, has no effect.
   *
   * @param grace between TERM and KILL; zero: KILL at once
   * @return the processes that could not be ended; empty: proved that nothing is left
   */
  List<Survivor> end(CommandRecord record, Duration grace) throws IOException {
    CommandRecord known = awaitHeld(record);
    Tree tree = trees.of(known);
    if (tree.members().contains(asker)) {
      throw new IOException("this process is part of command " + record.id() + " itself");
    }
    List<Survivor> survivors = new Reaper(os, tree).end(grace);
    if (survivors.isEmpty()) {
      awaitSettled(known);
    }
    return survivors;
  }

  /**
   * Ends the processes of a command without a record, by its id: those in its cgroups, or descended
   * from these. A mark in the environment alone proves nothing.
   *
   * @return the processes that could not be ended
   */
  List<Survivor> end(String id, Duration grace) throws IOException {
    Tree tree = trees.withoutRecord(id);
    if (tree.cgroup().processes().contains(asker)) {
      throw new IOException("this process is part of command " + id + " itself");
    }
    // A cgroup that looks empty may hold processes outside of our namespace: those are not ours.
    List<Survivor> survivors = tree.isEmpty() ? List.of() : new Reaper(os, tree).end(grace);
    CommandTrees.removeCgroup(tree);
    return survivors;
  }

  /** Waits until the command's guard has recorded its main process, or has died. */
  private CommandRecord awaitHeld(CommandRecord record) throws IOException {
    CommandRecord now = record;
    long deadline = System.nanoTime() + OWNER_PATIENCE.toNanos();
    while (now.member().isEmpty() && now.guard().lives(procfs) && System.nanoTime() < deadline) {
      LockSupport.parkNanos(PAUSE_NANOS);
      Optional<CommandRecord> fresh = files.find(record.id());
      if (fresh.isEmpty()) {
        return now;
      }
      now = fresh.get();
    }
    if (now.member().isEmpty() && now.guard().lives(procfs)) {
      throw new IOException(
          "command " + record.id() + " is not held yet by its guard, process " + now.guard().pid());
    }
    return now;
  }

  private void awaitSettled(CommandRecord record) throws IOException {
    long deadline = System.nanoTime() + OWNER_PATIENCE.toNanos();
    while (files.find(record.id()).isPresent()
        && trees.isAttended(record)
        && System.nanoTime() < deadline) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    Optional<CommandRecord> left = files.find(record.id());
    if (left.isPresent()) {
      settlement.settle(left.get());
    }
  }
}
