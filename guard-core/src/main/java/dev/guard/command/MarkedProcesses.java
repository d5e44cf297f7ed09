package dev.guard.command;

import dev.guard.cgroup.CommandCgroups;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import dev.guard.record.HistoryReader;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * This class finds processes that have the mark of a command in their environment, and nothing else
 * of it, after the command has ended. Every process hands the mark on to those that it starts, so
 * that nobody can know whether they belong to the command, and they are never ended.
 */
public final class MarkedProcesses {
  private static final String MARK = "GUARD_ID=";

  private final Os os;
  private final Procfs procfs;
  private final Cgroupfs fs;
  private final Commands commands;

  /** Makes the search for marked processes beside the commands of a user. */
  public MarkedProcesses(Commands commands) {
    this.commands = commands;
    this.os = commands.kernel().os();
    this.procfs = commands.kernel().procfs();
    this.fs = commands.kernel().cgroupfs();
  }

  /**
   * Holds processes that have the mark of one command.
   *
   * @param id the command's id
   * @param processes their pids
   */
  public record Doubtful(String id, Set<Integer> processes) {}

  /** Looks for marked processes, and touches nothing. */
  public List<Doubtful> find() throws IOException {
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
      // Processes of a command that has ended meanwhile had their marks when it was alive.
      Set<Integer> still = stillMarked(command.getKey(), command.getValue());
      if (!still.isEmpty()) {
        doubtful.add(new Doubtful(command.getKey(), still));
      }
    }
    return doubtful;
  }

  /**
   * Lists this user's processes by the id that their environment has, but for this process and its
   * ancestors.
   */
  private Map<String, Set<Integer>> marked() throws IOException {
    Set<Integer> spared = commands.trees().parentsOfAsker();
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
      // The process is another user's, or has no memory: it is ending, or it is the kernel's.
      return Optional.empty();
    }
  }

  /** Lists the ids of commands of which nothing may be left. */
  private Set<String> ended() throws IOException {
    Set<String> ids = new HashSet<>();
    // The commands whose processes were kept by policy; their records may be in another store of
    // the user.
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
}
