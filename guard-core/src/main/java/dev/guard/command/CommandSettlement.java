package dev.guard.command;

import dev.guard.Cause;
import dev.guard.Outcome;
import dev.guard.launch.SpawnLaunch;
import dev.guard.os.Os;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.process.Tree;
import dev.guard.record.CommandRecord;
import dev.guard.record.History;
import dev.guard.record.RecordFiles;
import dev.guard.report.ReportWriter;
import dev.guard.value.Result;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * This class brings commands to their end whose guards were killed and of which nothing lives:
 * their records and cgroups go, and the history tells of them.
 */
final class CommandSettlement {
  private final UserStore store;
  private final Os os;
  private final Procfs procfs;
  private final RecordFiles files;
  private final History history;
  private final CommandTrees trees;

  CommandSettlement(UserStore store) throws IOException {
    this.store = store;
    this.os = store.kernel().os();
    this.procfs = store.kernel().procfs();
    this.files = store.records();
    this.history = store.history();
    this.trees = new CommandTrees(store.kernel(), store.kernel().os().pid());
  }

  /**
   * Tells whether nobody is left who would end the command. Processes that were left by policy are
   * no orphans, but for those left to a caller that has gone.
   */
  boolean isOrphan(CommandRecord record) throws IOException {
    if (trees.isAttended(record)) {
      return false;
    }
    Optional<CommandRecord.Left> left = record.left();
    return left.isEmpty()
        || (left.get().until().isPresent() && !left.get().until().get().lives(procfs));
  }

  /** Settles all commands that have records. */
  void settleAll() throws IOException {
    for (CommandRecord record : files.live().records()) {
      settle(record);
    }
  }

  /**
   * Brings a command to its end that nobody looks after and of which nothing lives.
   *
   * @return whether the command is over
   */
  boolean settle(CommandRecord record) throws IOException {
    if (trees.isAttended(record)) {
      return false;
    }
    if (!files.has(record)) {
      // The command's guard has ended since the record was read, and has told what came of it.
      return true;
    }
    SpawnLaunch.giveUp(os, record.id(), store.runtimeDirectory());
    Tree tree = trees.of(record);
    if (!tree.isEmpty()) {
      return false;
    }
    CommandTrees.removeCgroup(tree);
    // The command's guard may have been killed just after it had told how the command ended.
    Optional<String> told = files.report(record.id());
    String report = told.orElseGet(() -> ReportWriter.toJson(lost(record)));
    boolean untold = record.left().isEmpty();
    if (record.detached() && untold && told.isEmpty()) {
      files.putEnded(record.id(), report);
    }
    // The guard that removes the record tells of the command, and no other.
    if (files.remove(record) && untold && !isInHistory(record.id())) {
      history.append(report);
    }
    return true;
  }

  private boolean isInHistory(String id) throws IOException {
    Set<String> ids = new HashSet<>();
    history.read(id, e -> ids.add(e.id()));
    return ids.contains(id);
  }

  /** Says that nobody knows how the command of a killed guard ended. */
  static String unknownEnd(ProcessId guard) {
    return "guard (process " + guard.pid() + ") was killed, how the command ended is not known";
  }

  private static Result lost(CommandRecord r) {
    Instant now = Instant.now();
    ProcessId guard = r.guard();
    String message = unknownEnd(guard);
    return new Result(
        r.id(),
        r.name(),
        r.budget(),
        r.labels(),
        r.argv(),
        r.directory(),
        new Result.Times(r.requested(), Duration.ZERO, Duration.ZERO, Duration.ZERO, now),
        r.member().isPresent()
            ? new Outcome.Ran(Cause.GUARD_ERROR, Optional.empty(), List.of(message))
            : new Outcome.Failed(Cause.GUARD_ERROR, List.of(message)),
        r.layers(),
        Result.Usage.NONE,
        0,
        0,
        List.of(),
        List.of(),
        List.of(),
        new Result.Captured(new byte[0], r.outputLost()),
        Result.Captured.NONE);
  }
}
