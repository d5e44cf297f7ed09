package dev.guard.command;

import dev.guard.cgroup.CommandCgroups;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import dev.guard.record.CommandRecord;
import dev.guard.record.HistoryReader;
import dev.guard.value.Result.Survivor;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What nobody owns any more: commands whose guard and lifeline were killed, and cgroups of commands
 * without a record. Processes that only have the mark of a command that has ended are told apart,
 * and never ended.
 */
public final class Orphans {
  private static final Duration NEW = Duration.ofSeconds(10);
  private static final int INIT = 1;
  private static final int ELSEWHERE = 0;
  private static final String MARK = "GUARD_ID=";

  private final Os os;
  private final Procfs procfs;
  private final Cgroupfs fs;
  private final Commands commands;

  /** Those among the commands of a user. */
  public Orphans(Commands commands) {
    this.commands = commands;
    this.os = commands.kernel().os();
    this.procfs = commands.kernel().procfs();
    this.fs = commands.kernel().cgroupfs();
  }

  /**
   * One of them.
   *
   * @param id the command's id
   * @param why nobody owns it
   * @param processes its live processes
   * @param record its record, if it has one
   */
  public record Orphan(
      String id, String why, Set<Integer> processes, Optional<CommandRecord> record) {}

  /** Looks for them. What is only a record or an empty cgroup is found too. */
  public List<Orphan> find() throws IOException {
    return find(commands::records);
  }

  /** The same, and nothing is touched: no record is brought to its end. */
  public List<Orphan> look() throws IOException {
    return find(() -> commands.present().records());
  }

  /**
   * Processes of which nobody can know whether they belong to a command that has ended: they have
   * its mark in their environment, and whoever starts others hands that on.
   *
   * @param id the command's id
   */
  public record Doubtful(String id, Set<Integer> processes) {}

  /** Looks for those, and touches nothing. */
  public List<Doubtful> doubtful() throws IOException {
    Map<String, Set<Integer>> marked = marked();
    marked.keySet().removeAll(commands.elsewhere());
    marked.keySet().removeAll(commands.inOtherNamespaces());
    commands.present().records().forEach(r -> marked.remove(r.id()));
    marked.keySet().removeAll(CommandCgroups.of(os.userId(), procfs, fs, os.pid()).keySet());
    if (!marked.isEmpty()) {
      marked.keySet().retainAll(ended());
    }
    List<Doubtful> doubtful = new ArrayList<>();
    for (Map.Entry<String, Set<Integer>> command : marked.entrySet()) {
      // Those of a command that has ended meanwhile had their marks when it was alive.
      Set<Integer> still = stillMarked(command.getKey(), command.getValue());
      if (!still.isEmpty()) {
        doubtful.add(new Doubtful(command.getKey(), still));
      }
    }
    return doubtful;
  }

  private interface Records {
    List<CommandRecord> read() throws IOException;
  }

  private List<Orphan> find(Records records) throws IOException {
    List<Orphan> found = new ArrayList<>();
    Set<String> known = new HashSet<>();
    // First, so that a command that starts meanwhile has its record when its cgroup is seen.
    Map<String, List<Path>> cgroups = CommandCgroups.of(os.userId(), procfs, fs, os.pid());
    known.addAll(commands.elsewhere());
    for (CommandRecord record : records.read()) {
      known.add(record.id());
      if (commands.isOrphan(record)) {
        Set<Integer> members = commands.tree(record).members();
        found.add(new Orphan(record.id(), why(record), members, Optional.of(record)));
      }
    }
    for (Map.Entry<String, List<Path>> cgroup : cgroups.entrySet()) {
      withoutRecord(cgroup.getKey(), cgroup.getValue(), known).ifPresent(found::add);
    }
    return found;
  }

  private static String why(CommandRecord record) {
    if (record.left().isPresent()) {
      return "its caller (process "
          + record.left().get().until().orElseThrow().pid()
          + ") has gone";
    }
    return "its guard (process " + record.guard().pid() + ") and its lifeline were killed";
  }

  private Optional<Orphan> withoutRecord(String id, List<Path> cgroups, Set<String> known)
      throws IOException {
    Set<Integer> processes = new TreeSet<>();
    for (Path cgroup : cgroups) {
      for (Path below : fs.subtree(cgroup)) {
        processes.addAll(fs.processes(below));
      }
    }
    // A process may be on its way there, from a guard that keeps its records elsewhere.
    if (processes.isEmpty() && isNew(cgroups)) {
      return Optional.empty();
    }
    boolean there = cgroups.stream().anyMatch(c -> fs.has(c, ""));
    if (known.contains(id) || !there || isLookedAfter(id, cgroups, processes)) {
      return Optional.empty();
    }
    return Optional.of(new Orphan(id, "a cgroup without a record", processes, Optional.empty()));
  }

  /** Whether somebody may look after them whose records are not to be seen, or not to be judged. */
  private boolean isLookedAfter(String id, List<Path> cgroups, Set<Integer> processes)
      throws IOException {
    return !processes.isEmpty()
        && (hasParentOutside(processes)
            || CommandCgroups.areKept(cgroups, procfs, fs)
            || commands.inOtherNamespaces().contains(id));
  }

  private boolean isNew(List<Path> cgroups) {
    Instant before = Instant.now().minus(NEW);
    return cgroups.stream().anyMatch(c -> fs.made(c).isAfter(before));
  }

  /**
   * Whether somebody looks after them who keeps his records elsewhere, as a guard in a container:
   * the main process is his child. Those that nobody looks after come to the init process. A
   * process outside of our namespace of processes has no number here, see cgroups(7).
   */
  private boolean hasParentOutside(Set<Integer> processes) throws IOException {
    if (processes.contains(ELSEWHERE)) {
      return true;
    }
    for (int pid : processes) {
      Optional<Procfs.Stat> stat = procfs.stat(pid);
      if (stat.isPresent()
          && !processes.contains(stat.get().parent())
          && !adopts(stat.get().parent())) {
        return true;
      }
    }
    return false;
  }

  /** Whether orphans come to this process: the first of all, or a user's service manager. */
  private boolean adopts(int pid) throws IOException {
    return pid <= INIT
        || procfs.stat(pid).map(Procfs.Stat::command).filter("systemd"::equals).isPresent();
  }

  /**
   * This user's processes by the id that their environment has, but for this one and its parents.
   */
  private Map<String, Set<Integer>> marked() throws IOException {
    Set<Integer> spared = commands.ownParents();
    Map<String, Set<Integer>> marked = new TreeMap<>();
    for (int pid : procfs.pids()) {
      Optional<String> id = spared.contains(pid) ? Optional.empty() : mark(pid);
      id.ifPresent(i -> marked.computeIfAbsent(i, x -> new TreeSet<>()).add(pid));
    }
    return marked;
  }

  private Set<Integer> stillMarked(String id, Set<Integer> pids) throws IOException {
    Set<Integer> still = new TreeSet<>();
    for (int pid : pids) {
      if (mark(pid).filter(id::equals).isPresent()) {
        still.add(pid);
      }
    }
    return still;
  }

  private Optional<String> mark(int pid) throws IOException {
    try {
      return procfs.environment(pid).orElse(List.of()).stream()
          .map(OsString::toString)
          .filter(e -> e.startsWith(MARK))
          .map(e -> e.substring(MARK.length()))
          .findFirst();
    } catch (FileSystemException e) {
      // Another user's process, or it has no memory: it is ending, or it is the kernel's.
      return Optional.empty();
    }
  }

  /** Those of which nothing may be left. */
  private Set<String> ended() throws IOException {
    Set<String> ids = new HashSet<>();
    // By policy; its record may be in another store of the user.
    Set<String> kept = new HashSet<>();
    try (HistoryReader history = Commands.history()) {
      history.read(
          "",
          e -> {
            (e.keeps() ? kept : ids).add(e.id());
            return true;
          });
      if (history.problem().isPresent()) {
        throw history.problem().get();
      }
    }
    commands.presentEnded().forEach(e -> ids.add(e.id()));
    ids.removeAll(kept);
    return ids;
  }

  /**
   * Ends one.
   *
   * @param grace between TERM and KILL
   * @return who could not be ended; empty: proved that nothing is left
   */
  public List<Survivor> end(Orphan orphan, Duration grace) throws IOException {
    return orphan.record().isPresent()
        ? commands.end(orphan.record().get(), grace)
        : commands.end(orphan.id(), grace);
  }
}
