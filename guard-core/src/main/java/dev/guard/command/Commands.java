package dev.guard.command;

import dev.guard.command.LiveCommand.LiveState;
import dev.guard.os.Kernel;
import dev.guard.process.Tree;
import dev.guard.record.CommandRecord;
import dev.guard.record.EndedCommand;
import dev.guard.record.HistoryReader;
import dev.guard.record.RecordFiles;
import dev.guard.value.Result.Survivor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Indexes all commands of this user, of whatever guard: shows them, and leads to the classes that
 * find one ({@link CommandSearch}), end one ({@link CommandStopper}), or keep those that have ended
 * ({@link DetachedCommands}).
 */
public final class Commands {
  private final Kernel kernel;
  private final UserStore store;
  private final RecordFiles files;
  private final Consumer<String> notices;
  private final CommandTrees trees;
  private final CommandSettlement settlement;
  private final DetachedCommands detached;
  private final int asker;

  private Commands(UserStore store, int asker, Consumer<String> notices) throws IOException {
    this.asker = asker;
    this.kernel = store.kernel();
    this.notices = notices;
    this.store = store;
    this.files = store.records();
    this.trees = new CommandTrees(kernel, asker);
    this.settlement = new CommandSettlement(store);
    this.detached = new DetachedCommands(store);
  }

  /**
   * Opens the index of the user that this process runs as.
   *
   * @param notices told of each file that was no record and was set aside
   * @throws IOException with the reason and a remedy where the user has no directory for them
   */
  public static Commands ofUser(Consumer<String> notices) throws IOException {
    return ofUser(Kernel.system().os().pid(), notices);
  }

  /**
   * Opens the index for a process of this user, which may be another than this one.
   *
   * @param asker the process, which ends no command that it is part of
   * @param notices told of each file that was no record and was set aside
   * @throws IOException with the reason and a remedy where the user has no directory for them
   */
  public static Commands ofUser(int asker, Consumer<String> notices) throws IOException {
    return new Commands(UserStore.open(), asker, notices);
  }

  /**
   * Opens the index to look only: no directory is made. See {@link #present}; the methods that end
   * or forget commands are not for such an index.
   */
  public static Commands toLookAt() throws IOException {
    return new Commands(UserStore.existing(), Kernel.system().os().pid(), notice -> {});
  }

  /** Answers the kernel by which all commands are looked at and ended. */
  Kernel kernel() {
    return kernel;
  }

  CommandTrees trees() {
    return trees;
  }

  // ---- to see them

  /**
   * Lists the records of all commands that live; those of which nothing is left after their guards
   * were killed are brought to their end first.
   */
  public List<CommandRecord> records() throws IOException {
    RecordFiles.LiveRecords live = files.live();
    setAside(live.damaged());
    List<CommandRecord> records = new ArrayList<>();
    for (CommandRecord record : live.records()) {
      boolean settled = false;
      try {
        settled = settlement.settle(record);
      } catch (IOException e) {
        notices.accept("command " + record.id() + ": " + e.getMessage());
      }
      if (!settled) {
        records.add(record);
      }
    }
    return records;
  }

  /** Lists the records as they are: no command is brought to its end, and no file is touched. */
  public RecordFiles.LiveRecords present() throws IOException {
    return files.look();
  }

  /** Lists the command's live processes now. */
  public Set<Integer> processes(CommandRecord record) throws IOException {
    Tree tree = trees.of(record);
    return tree.cgroup().exists() ? tree.cgroup().processes() : tree.members();
  }

  /** Lists the ids of commands in other places where this user's guards may have their records. */
  Set<String> elsewhere() throws IOException {
    return store.idsElsewhere();
  }

  /** Lists the ids in the records of guards in other namespaces, whose pids mean nothing here. */
  Set<String> inOtherNamespaces() throws IOException {
    return store.idsInOtherNamespaces();
  }

  /** Finds the stores of other namespaces in which no guard lives any more; no store is touched. */
  public List<Path> desertedStores() throws IOException {
    return store.deserted();
  }

  /** Removes the stores in which no guard lives, with their records, and tells which ones stay. */
  public void removeDesertedStores() throws IOException {
    for (Path deserted : store.deserted()) {
      try {
        store.remove(deserted);
      } catch (IOException e) {
        notices.accept(e.getMessage());
      }
    }
  }

  /** Looks how the commands are doing. */
  public List<LiveCommand> look(List<CommandRecord> records) throws IOException {
    CommandTrees.CgroupsById cgroups = trees.foundOnce();
    List<LiveCommand> live = new ArrayList<>();
    for (CommandRecord record : records) {
      live.add(live(record, trees.of(record, cgroups)));
    }
    return live;
  }

  /** Looks how the command is doing. */
  public LiveCommand look(CommandRecord record) throws IOException {
    return live(record, trees.of(record));
  }

  private LiveCommand live(CommandRecord record, Tree tree) throws IOException {
    return new LiveCommand(
        record,
        state(record),
        tree.count(),
        tree.cgroup().counters().cpuMicros(),
        tree.cgroup().counters().memory());
  }

  private LiveState state(CommandRecord record) throws IOException {
    if (settlement.isOrphan(record)) {
      return LiveState.ORPHANED;
    }
    if (record.left().isPresent()) {
      return LiveState.LEFT;
    }
    if (record.guard().lives(kernel.procfs())) {
      return record.member().isEmpty() ? LiveState.STARTING : LiveState.RUNNING;
    }
    return record.detached() ? LiveState.UNATTENDED : LiveState.ENDING;
  }

  /**
   * Tells whether nobody is left who would end the command, see {@link CommandSettlement#isOrphan}.
   */
  boolean isOrphan(CommandRecord record) throws IOException {
    return settlement.isOrphan(record);
  }

  /** Lists detached commands that have ended and were not removed. */
  public List<EndedCommand> ended() throws IOException {
    RecordFiles.EndedRecords ended = detached.ended();
    setAside(ended.damaged());
    return ended.commands();
  }

  private void setAside(List<RecordFiles.Damaged> all) {
    for (RecordFiles.Damaged damaged : all) {
      RecordFiles.setAside(damaged).ifPresent(notices);
    }
  }

  /** Lists detached commands that have ended and were not removed; no file is touched. */
  List<EndedCommand> presentEnded() throws IOException {
    return detached.ended().commands();
  }

  /** Opens the history: all commands that have ended, as far back as it goes. */
  public static HistoryReader history() throws IOException {
    return UserStore.open().history().reader();
  }

  /** Tells whether the command with this id still lives. */
  public boolean isLive(String id) throws IOException {
    Optional<CommandRecord> record = files.find(id);
    return record.isPresent() && !settlement.settle(record.get());
  }

  /**
   * Looks for a command by its id, the beginning of that, or its name. A name means a live command
   * rather than one that has ended.
   *
   * @throws AmbiguousReferenceException when the reference could mean several commands
   */
  public Optional<FoundCommand> find(String reference) throws IOException {
    return new CommandSearch(this, store.history(), notices).find(reference);
  }

  /**
   * Finds the file that a detached command's output is in; there is an older one beside it, or not.
   */
  public Optional<Path> log(String id) throws IOException {
    return detached.log(id);
  }

  // ---- to end them

  /**
   * Ends a command with all its processes, and waits until whoever looks after it has noticed. A
   * second call, or one after the command's end, has no effect.
   *
   * @param grace between TERM and KILL; zero: KILL at once
   * @return the processes that could not be ended; empty: proved that nothing is left
   */
  public List<Survivor> end(CommandRecord record, Duration grace) throws IOException {
    return stopper().end(record, grace);
  }

  /**
   * Ends the processes of a command without a record, by its id: those in its cgroups, or descended
   * from these. A mark in the environment alone proves nothing.
   *
   * @return the processes that could not be ended
   */
  public List<Survivor> end(String id, Duration grace) throws IOException {
    return stopper().end(id, grace);
  }

  private CommandStopper stopper() {
    return new CommandStopper(kernel, files, trees, settlement, asker);
  }

  /**
   * Tells whether a cgroup or a process of the command with this id is there, as far as they can be
   * found without a record.
   */
  public boolean leaves(String id) throws IOException {
    Tree tree = trees.withoutRecord(id);
    return tree.cgroup().exists() || !tree.isEmpty();
  }

  /** Forgets a detached command that has ended, with its log. A second call has no effect. */
  public void forget(String id) throws IOException {
    detached.forget(id);
  }

  /**
   * Gives back the places that the dead have in budgets, and forgets detached commands that ended
   * long ago, and logs that nobody can ask for.
   */
  public void tidy() throws IOException {
    store.sweepBudgets();
    detached.tidy(ended());
  }
}
