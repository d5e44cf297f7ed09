package dev.guard.command;

import dev.guard.Cause;
import dev.guard.Outcome;
import dev.guard.cgroup.CommandCgroups;
import dev.guard.launch.SpawnLaunch;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.OwnFiles;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.process.Member;
import dev.guard.process.Tree;
import dev.guard.reap.Reaper;
import dev.guard.record.CommandRecord;
import dev.guard.record.EndedCommand;
import dev.guard.record.History;
import dev.guard.record.HistoryReader;
import dev.guard.record.RecordFiles;
import dev.guard.report.ReportWriter;
import dev.guard.store.CommandLog;
import dev.guard.store.FileLock;
import dev.guard.value.Result;
import dev.guard.value.Result.Survivor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** All commands of this user, of whatever guard: to see them, and to end them by their id. */
public final class Commands {
  private static final int SHOWN = 5;
  private static final Duration OWNER_PATIENCE = Duration.ofSeconds(10);
  private static final Duration KEPT_FOR = Duration.ofDays(7);
  private static final long PAUSE_NANOS = 20_000_000L;
  private static final Pattern LOG = Pattern.compile("([0-9a-f]{16})\\.log(\\.1)?");

  private final Kernel kernel;
  private final Os os;
  private final Procfs procfs;
  private final Cgroupfs fs;
  private final UserStore store;
  private final RecordFiles files;
  private final History history;
  private final Consumer<String> notices;

  Commands(UserStore store, Consumer<String> notices) throws IOException {
    this.kernel = store.kernel();
    this.os = kernel.os();
    this.procfs = kernel.procfs();
    this.fs = kernel.cgroupfs();
    this.notices = notices;
    this.store = store;
    this.files = store.records();
    this.history = store.history();
  }

  /**
   * Those of the user that this process runs as.
   *
   * @param notices told of each file that was no record and was set aside
   * @throws IOException with the reason and a remedy where the user has no directory for them
   */
  public static Commands ofUser(Consumer<String> notices) throws IOException {
    return new Commands(UserStore.open(), notices);
  }

  /**
   * The same for who only looks: no directory is made. See {@link #present}; the methods that end
   * or forget commands are not for it.
   */
  public static Commands toLookAt() throws IOException {
    return new Commands(UserStore.existing(), notice -> {});
  }

  /** By which all of them are looked at and ended. */
  Kernel kernel() {
    return kernel;
  }

  /** What becomes of a command that lives. */
  public enum State {
    /** It is not held yet. */
    STARTING,
    /** Its guard looks after it. */
    RUNNING,
    /** Its main process has ended; others were left by its policy. */
    LEFT,
    /**
     * It is detached and its guard was killed: its limits hold, and its lifeline ends it on time.
     */
    UNATTENDED,
    /** Its guard was killed, and its lifeline ends it. */
    ENDING,
    /** Its guard and its lifeline were killed: nobody looks after it, see {@link Orphans}. */
    ORPHANED
  }

  /**
   * A command that lives, at one moment.
   *
   * @param processes how many live processes it has
   * @param cpuMicros processor time of the tree; empty where its cgroup does not count it
   * @param memoryBytes memory of the tree; empty where its cgroup does not count it
   */
  public record Live(
      CommandRecord record,
      State state,
      int processes,
      OptionalLong cpuMicros,
      OptionalLong memoryBytes) {}

  /**
   * What a reference leads to.
   *
   * @param name what people call it
   * @param live the command, while it lives
   * @param ended what came of it, once that is known
   * @param kept whether it is one of the detached ones that have ended and were not removed
   */
  public record Found(
      String id,
      Optional<String> name,
      Optional<CommandRecord> live,
      Optional<EndedCommand> ended,
      boolean kept) {
    /** Whether it is known to be, or to have been, a detached one. */
    public boolean isDetached() {
      return live.filter(CommandRecord::detached).isPresent() || kept;
    }
  }

  /** A reference that leads to several commands. */
  public static final class AmbiguousException extends IOException {
    private static final long serialVersionUID = 1L;

    AmbiguousException(String reference, List<String> ids) {
      super(reference + " could be each of " + String.join(", ", ids) + "; write more of the id");
    }
  }

  // ---- to see them

  /**
   * The records of all that live; those of which nothing is left after their guards were killed are
   * brought to their end first.
   */
  public List<CommandRecord> records() throws IOException {
    RecordFiles.LiveRecords live = files.live();
    setAside(live.damaged());
    List<CommandRecord> records = new ArrayList<>();
    for (CommandRecord record : live.records()) {
      boolean settled = false;
      try {
        settled = settle(record);
      } catch (IOException e) {
        notices.accept("command " + record.id() + ": " + e.getMessage());
      }
      if (!settled) {
        records.add(record);
      }
    }
    return records;
  }

  /** The records as they are: none is brought to its end, and no file is touched. */
  public RecordFiles.LiveRecords present() throws IOException {
    return files.look();
  }

  /** Its live processes now. */
  public Set<Integer> processes(CommandRecord record) throws IOException {
    Tree tree = tree(record);
    return tree.cgroup().exists() ? tree.cgroup().processes() : tree.members();
  }

  /** The ids in other places where this user's guards may have their records. */
  Set<String> elsewhere() throws IOException {
    return store.idsElsewhere();
  }

  /** The ids in the records of guards in other namespaces, whose pids mean nothing here. */
  Set<String> inOtherNamespaces() throws IOException {
    return store.idsInOtherNamespaces();
  }

  /** Finds the stores of other namespaces in which no guard lives any more; none is touched. */
  public List<Path> desertedStores() throws IOException {
    return store.deserted();
  }

  /** Removes the stores in which no guard lives, with their records, and tells what stays. */
  public void removeDesertedStores() throws IOException {
    for (Path deserted : store.deserted()) {
      try {
        store.remove(deserted);
      } catch (IOException e) {
        notices.accept(e.getMessage());
      }
    }
  }

  /** How it is doing. */
  public Live look(CommandRecord record) throws IOException {
    Tree tree = tree(record);
    return new Live(
        record, state(record), tree.count(), tree.cgroup().cpuMicros(), tree.cgroup().memory());
  }

  private State state(CommandRecord record) throws IOException {
    if (isOrphan(record)) {
      return State.ORPHANED;
    }
    if (record.left().isPresent()) {
      return State.LEFT;
    }
    if (record.guard().lives(procfs)) {
      return record.member().isEmpty() ? State.STARTING : State.RUNNING;
    }
    return record.detached() ? State.UNATTENDED : State.ENDING;
  }

  /** Detached commands that have ended and were not removed. */
  public List<EndedCommand> ended() throws IOException {
    RecordFiles.EndedRecords ended = files.ended();
    setAside(ended.damaged());
    return ended.commands();
  }

  private void setAside(List<RecordFiles.Damaged> all) {
    for (RecordFiles.Damaged damaged : all) {
      RecordFiles.setAside(damaged).ifPresent(notices);
    }
  }

  /** Detached commands that have ended and were not removed; no file is touched. */
  List<EndedCommand> presentEnded() throws IOException {
    return files.ended().commands();
  }

  /** All that have ended, as far back as the history goes. */
  public static HistoryReader history() throws IOException {
    return UserStore.open().history().reader();
  }

  /** Whether it lives still. */
  public boolean isLive(String id) throws IOException {
    Optional<CommandRecord> record = files.find(id);
    return record.isPresent() && !settle(record.get());
  }

  /**
   * Looks for a command by its id, the beginning of that, or its name. A live one has its name
   * before those that have ended.
   *
   * @throws AmbiguousException when it could be several
   */
  public Optional<Found> find(String reference) throws IOException {
    List<Found> all = new ArrayList<>();
    asFarAsItCanBeRead(
        () -> {
          for (CommandRecord r : records()) {
            all.add(new Found(r.id(), r.name(), Optional.of(r), Optional.empty(), false));
          }
        });
    int live = all.size();
    asFarAsItCanBeRead(
        () -> {
          for (EndedCommand e : ended()) {
            // The last one first: it has the name.
            all.add(live, new Found(e.id(), e.name(), Optional.empty(), Optional.of(e), true));
          }
        });
    Optional<Found> found = exactly(reference, all);
    if (found.isEmpty()) {
      found = byPrefix(reference, all);
    }
    return found.isPresent() ? found : inHistory(reference);
  }

  /**
   * What one place does not give is looked for in the next: a command must be found to be ended.
   */
  private void asFarAsItCanBeRead(FileLock.LockedAction step) {
    try {
      step.run();
    } catch (IOException e) {
      notices.accept(e.getMessage());
    }
  }

  private static Optional<Found> exactly(String reference, List<Found> all) {
    return all.stream()
        .filter(f -> f.id().equals(reference) || f.name().filter(reference::equals).isPresent())
        .findFirst();
  }

  private static Optional<Found> byPrefix(String prefix, List<Found> all)
      throws AmbiguousException {
    List<Found> found = all.stream().filter(f -> f.id().startsWith(prefix)).toList();
    if (found.size() > 1) {
      throw new AmbiguousException(prefix, found.stream().map(Found::id).limit(SHOWN).toList());
    }
    return found.stream().findFirst();
  }

  private Optional<Found> inHistory(String reference) throws IOException {
    // Every line may have the text, but only the last of a name is asked for, and few of a prefix.
    Deque<Found> exact = new ArrayDeque<>();
    Deque<Found> byPrefix = new ArrayDeque<>();
    asFarAsItCanBeRead(
        () ->
            history.read(
                reference,
                e -> {
                  Found found = inHistory(e);
                  if (exactly(reference, List.of(found)).isPresent()) {
                    exact.clear();
                    exact.addFirst(found);
                  } else if (e.id().startsWith(reference)) {
                    byPrefix.addFirst(found);
                    if (byPrefix.size() > SHOWN) {
                      byPrefix.removeLast();
                    }
                  }
                }));
    return exact.isEmpty()
        ? byPrefix(reference, List.copyOf(byPrefix))
        : Optional.of(exact.getFirst());
  }

  private static Found inHistory(EndedCommand e) {
    return new Found(e.id(), e.name(), Optional.empty(), Optional.of(e), false);
  }

  /** The file that a detached command's output is in; there is an older one beside it, or not. */
  public Optional<Path> log(String id) throws IOException {
    // While it is rotated there is only the older one for a moment.
    return logs()
        .map(l -> CommandLog.file(l, id))
        .filter(f -> isThere(f) || isThere(CommandLog.older(f)) || isThere(f));
  }

  private static boolean isThere(Path file) {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }

  private Optional<Path> logs() throws IOException {
    Optional<Path> logs =
        store.state().find().map(s -> s.resolve("logs")).filter(Commands::isThere);
    if (logs.isPresent()) {
      OwnFiles.checkDirectory(os.userId(), logs.get(), 0);
    }
    return logs;
  }

  // ---- to end them

  /**
   * Ends a command with all its processes, and waits until whoever looks after it has noticed.
   * Again, or when it has ended: no effect.
   *
   * @param grace between TERM and KILL; zero: KILL at once
   * @return who could not be ended; empty: proved that nothing is left
   */
  public List<Survivor> end(CommandRecord record, Duration grace) throws IOException {
    CommandRecord known = awaitHeld(record);
    Tree tree = tree(known);
    if (tree.members().contains(os.pid())) {
      throw new IOException("this process is part of command " + record.id() + " itself");
    }
    List<Survivor> survivors = new Reaper(os).end(tree, grace).survivors();
    if (survivors.isEmpty()) {
      awaitSettled(known);
    }
    return survivors;
  }

  /**
   * Ends whatever has this id, without a record: what is in its cgroups, or descends from that. A
   * mark in the environment alone proves nothing.
   *
   * @return who could not be ended
   */
  public List<Survivor> end(String id, Duration grace) throws IOException {
    Tree tree = withoutRecord(id);
    if (tree.cgroup().processes().contains(os.pid())) {
      throw new IOException("this process is part of command " + id + " itself");
    }
    // A cgroup that looks empty may hold processes outside of our namespace: those are not ours.
    List<Survivor> survivors =
        tree.isEmpty() ? List.of() : new Reaper(os).end(tree, grace).survivors();
    removeCgroup(tree);
    return survivors;
  }

  /** Whether a cgroup has this id. */
  public boolean leaves(String id) throws IOException {
    Tree tree = withoutRecord(id);
    return tree.cgroup().exists() || !tree.isEmpty();
  }

  /** What is left of it can be found only when it is held: that takes a moment. */
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

  /** This process and those above it. */
  Set<Integer> ownParents() throws IOException {
    Set<Integer> parents = new HashSet<>();
    for (int pid = os.pid();
        pid > 0 && parents.add(pid);
        pid = procfs.stat(pid).map(Procfs.Stat::parent).orElse(0)) {}
    return parents;
  }

  private void awaitSettled(CommandRecord record) throws IOException {
    long deadline = System.nanoTime() + OWNER_PATIENCE.toNanos();
    while (files.find(record.id()).isPresent()
        && isAttended(record)
        && System.nanoTime() < deadline) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    Optional<CommandRecord> left = files.find(record.id());
    if (left.isPresent()) {
      settle(left.get());
    }
  }

  /** Forgets a detached command that has ended, with its log. Again: no effect. */
  public void forget(String id) throws IOException {
    files.removeEnded(id);
    Optional<Path> logs = logs();
    if (logs.isPresent()) {
      Path log = CommandLog.file(logs.get(), id);
      Files.deleteIfExists(log);
      Files.deleteIfExists(CommandLog.older(log));
    }
  }

  /**
   * Gives back the places that the dead have in budgets, and forgets detached commands that ended
   * long ago, and logs that nobody can ask for.
   */
  public void tidy() throws IOException {
    UserStore.open().sweepBudgets();
    Instant longAgo = Instant.now().minus(KEPT_FOR);
    Set<String> known = new HashSet<>();
    for (EndedCommand e : ended()) {
      if (e.ended().isBefore(longAgo)) {
        forget(e.id());
      } else {
        known.add(e.id());
      }
    }
    Optional<Path> logs = logs();
    if (logs.isEmpty()) {
      return;
    }
    for (CommandRecord r : files.live().records()) {
      known.add(r.id());
    }
    for (Path log : OwnFiles.list(os, logs.get())) {
      Matcher name = LOG.matcher(log.getFileName().toString());
      if (name.matches() && !known.contains(name.group(1)) && isOlder(log, longAgo)) {
        Files.deleteIfExists(log);
      }
    }
  }

  private static boolean isOlder(Path log, Instant than) throws IOException {
    try {
      return Files.getLastModifiedTime(log, LinkOption.NOFOLLOW_LINKS).toInstant().isBefore(than);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  // ---- what dead guards left

  /**
   * Whether nobody is left who would end it. What was left by policy is nobody's, and that of a
   * caller only when that has gone.
   */
  boolean isOrphan(CommandRecord record) throws IOException {
    if (isAttended(record)) {
      return false;
    }
    Optional<CommandRecord.Left> left = record.left();
    return left.isEmpty()
        || (left.get().until().isPresent() && !left.get().until().get().lives(procfs));
  }

  /** Whether its guard lives, or the lifeline of that. */
  boolean isAttended(CommandRecord record) throws IOException {
    return record.guard().lives(procfs) || record.lifeline().lives(procfs);
  }

  void settleAll() throws IOException {
    for (CommandRecord record : files.live().records()) {
      settle(record);
    }
  }

  /** Brings a command to its end that nobody looks after and of which nothing lives. */
  boolean settle(CommandRecord record) throws IOException {
    if (isAttended(record)) {
      return false;
    }
    if (!files.has(record)) {
      // Its guard has ended since it was read, and has told what came of it.
      return true;
    }
    SpawnLaunch.giveUp(os, record.id(), CommandLife.runtimeDirectory());
    Tree tree = tree(record);
    if (!tree.isEmpty()) {
      return false;
    }
    removeCgroup(tree);
    // Its guard may have been killed just after it had told how it ended.
    Optional<String> told = files.report(record.id());
    String report = told.orElseGet(() -> ReportWriter.toJson(lost(record)));
    boolean untold = record.left().isEmpty();
    if (record.detached() && untold && told.isEmpty()) {
      files.putEnded(record.id(), report);
    }
    // Whoever removes it tells of it, and no other.
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

  private static void removeCgroup(Tree tree) throws IOException {
    List<Path> busy = tree.cgroup().remove();
    if (!busy.isEmpty()) {
      throw new IOException("cgroup " + busy.get(0) + " can not be removed, it stays busy");
    }
  }

  private static Result lost(CommandRecord r) {
    Instant now = Instant.now();
    ProcessId guard = r.guard();
    String message =
        "guard (process " + guard.pid() + ") was killed, how the command ended is not known";
    return new Result(
        r.id(),
        r.name(),
        r.budget(),
        r.argv(),
        r.directory(),
        new Result.Times(r.requested(), Duration.ZERO, Duration.ZERO, Duration.ZERO, now),
        r.member().isPresent()
            ? new Outcome.Ran(Cause.GUARD_ERROR, null, List.of(message))
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

  Tree tree(CommandRecord record) throws IOException {
    Member member = record.member().isPresent() ? record.member().get() : byId(record.id());
    if (record.guard().lives(procfs)) {
      return Tree.of(procfs, fs, member, record.guard().startTicks());
    }
    // The number of a guard that has died may be another's.
    Tree tree = Tree.of(procfs, fs, member.withoutAdopter()).knowing(record.strays());
    if (record.detached()) {
      // It is started as the leader of a session of its own.
      tree.withSessionOf(record.guard());
    }
    return isAttended(record) ? tree : tree.provenOnly();
  }

  private Tree withoutRecord(String id) throws IOException {
    return Tree.of(procfs, fs, byId(id)).sparing(ownParents()).provenOnly();
  }

  private Member byId(String id) throws IOException {
    List<Path> cgroups =
        CommandCgroups.of(os.userId(), procfs, fs, os.pid()).getOrDefault(id, List.of());
    return new Member(id, Member.NOBODY, 0, 0, 0, cgroups);
  }
}
