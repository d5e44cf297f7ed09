package dev.guard.command;

import dev.guard.cgroup.CommandCgroups;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Os;
import dev.guard.os.Procfs;
import dev.guard.record.CommandRecord;
import dev.guard.value.Result.Survivor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * This class finds and ends what nobody owns any more: commands whose guard and lifeline were
 * killed, and cgroups of commands without a record. Processes that only have the mark of a command
 * are not among them, see {@link MarkedProcesses}.
 */
public final class Orphans {
  private static final Duration NEW = Duration.ofSeconds(10);
  private static final int INIT = 1;
  private static final int ELSEWHERE = 0;

  private final Os os;
  private final Procfs procfs;
  private final Cgroupfs fs;
  private final Commands commands;

  /** Makes the search for orphans among the commands of a user. */
  public Orphans(Commands commands) {
    this.commands = commands;
    this.os = commands.kernel().os();
    this.procfs = commands.kernel().procfs();
    this.fs = commands.kernel().cgroupfs();
  }

  /**
   * Describes a command that nobody owns.
   *
   * @param id the command's id
   * @param why why nobody owns the command
   * @param processes the command's live processes
   * @param record the command's record, if it has one
   */
  public record Orphan(
      String id, String why, Set<Integer> processes, Optional<CommandRecord> record) {}

  /** Looks for orphans. A command that is only a record or an empty cgroup is found too. */
  public List<Orphan> find() throws IOException {
    return find(commands::records);
  }

  /** Looks for orphans, and touches nothing: no record is brought to its end. */
  public List<Orphan> look() throws IOException {
    return find(() -> commands.present().records());
  }

  private interface Records {
    List<CommandRecord> read() throws IOException;
  }

  private List<Orphan> find(Records records) throws IOException {
    List<Orphan> found = new ArrayList<>();
    Set<String> known = new HashSet<>();
    // The cgroups are listed first, so that a command that starts meanwhile has its record when its
    // cgroup is seen.
    Map<String, List<Path>> cgroups = CommandCgroups.of(os.userId(), procfs, fs, os.pid());
    known.addAll(commands.elsewhere());
    for (CommandRecord record : records.read()) {
      known.add(record.id());
      if (commands.isOrphan(record)) {
        Set<Integer> members = commands.trees().of(record).members();
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
    // A process may be on its way into the cgroup, from a guard that keeps its records elsewhere.
    if (processes.isEmpty() && isNew(cgroups)) {
      return Optional.empty();
    }
    boolean there = cgroups.stream().anyMatch(c -> fs.has(c, ""));
    if (known.contains(id) || !there || isLookedAfter(id, cgroups, processes)) {
      return Optional.empty();
    }
    return Optional.of(new Orphan(id, "a cgroup without a record", processes, Optional.empty()));
  }

  /**
   * Tells whether somebody may look after these processes whose records are not to be seen, or not
   * to be judged.
   */
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
   * Tells whether somebody looks after these processes who keeps records elsewhere, as a guard in a
   * container: the main process is a child of that guard. Processes that nobody looks after come to
   * the init process. A process outside of our namespace of processes has no number here, see
   * cgroups(7).
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

  /** Tells whether orphans come to this process: the first of all, or a user's service manager. */
  private boolean adopts(int pid) throws IOException {
    return pid <= INIT
        || procfs.stat(pid).map(Procfs.Stat::command).filter("systemd"::equals).isPresent();
  }

  /**
   * Ends one orphan.
   *
   * @param grace between TERM and KILL
   * @return the processes that could not be ended; empty: proved that nothing is left
   */
  public List<Survivor> end(Orphan orphan, Duration grace) throws IOException {
    return orphan.record().isPresent()
        ? commands.end(orphan.record().get(), grace)
        : commands.end(orphan.id(), grace);
  }
}
