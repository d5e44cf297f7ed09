package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Answers which processes are in the directories of a command's cgroup and in those below, and
 * which have left one of them, and moves processes there.
 */
public final class CgroupMembers {
  private final Cgroupfs fs;
  private final List<Path> directories;
  private final Optional<Mover> mover;

  /** Moves a process into the leaf where processes of the command are. */
  @FunctionalInterface
  interface Move {
    void move(int pid) throws IOException;
  }

  /**
   * Has a manager move a process where Guard may not do that itself.
   *
   * @param isOnlyWay whether Guard, and the process itself, need not try
   */
  record Mover(Move manager, boolean isOnlyWay) {}

  CgroupMembers(Cgroupfs fs, List<Path> directories, Optional<Mover> mover) {
    this.fs = fs;
    this.directories = directories;
    this.mover = mover;
  }

  /** Lists the live processes of all directories. */
  public Set<Integer> processes() throws IOException {
    return union(lists(fs, directories));
  }

  /** Counts the live processes. */
  public int count() throws IOException {
    // One task is one process, and nothing needs to be listed.
    if (!directories.isEmpty() && fs.number(directories.get(0), "pids.current").orElse(0) == 1) {
      return 1;
    }
    return processes().size();
  }

  /**
   * Finds the live processes that are not in every directory, among these and among those that are
   * in any.
   *
   * @param seen processes that were seen alive before this call
   */
  public Set<Integer> strays(Set<Integer> seen, Procfs procfs) throws IOException {
    List<Set<Integer>> lists = lists(fs, directories);
    Set<Integer> strays = new TreeSet<>();
    for (Set<Integer> inside : lists) {
      Set<Integer> outside = union(lists);
      outside.addAll(seen);
      outside.removeAll(inside);
      strays.addAll(outside);
    }
    // The process is outside of our namespace of processes: it has no number here.
    strays.remove(0);
    // A process that ends, or was moved within the subtree meanwhile, is missing in the lists, too.
    Set<Integer> confirmed = new TreeSet<>();
    for (int pid : strays) {
      if (!showsItself(pid, procfs)) {
        confirmed.add(pid);
      }
    }
    return confirmed;
  }

  /**
   * Moves a process, with all its threads, back into every directory, where it may end at once.
   *
   * @throws IOException also when the process does not stay there
   */
  public void bringBack(int pid, Procfs procfs) throws IOException {
    for (Path directory : directories) {
      move(pid, directory, "cgroup.procs");
    }
    if (!holds(pid, procfs) && procfs.liveThread(pid).isPresent()) {
      throw new IOException("process " + pid + " did not stay in " + directories);
    }
  }

  /** Moves a process that has one thread into one directory. */
  void join(int pid, Path directory) throws IOException {
    // v1: tasks moves one thread, and cgroup.procs would wait 10 ms for all readers of a lock.
    move(pid, directory, fs.has(directory, "tasks") ? "tasks" : "cgroup.procs");
  }

  private void move(int pid, Path directory, String file) throws IOException {
    if (mover.isPresent() && mover.get().isOnlyWay()) {
      mover.get().manager().move(pid);
      return;
    }
    Path leaf = BaseCgroup.leaf(directory);
    try {
      fs.write(fs.has(leaf, "") ? leaf : directory, file, Integer.toString(pid));
    } catch (IOException e) {
      if (mover.isEmpty()) {
        throw e;
      }
      mover.get().manager().move(pid);
    }
  }

  /**
   * Tells whether a process is in all directories, by their lists and by its own /proc/PID/cgroup.
   */
  boolean holds(int pid, Procfs procfs) throws IOException {
    for (Path directory : directories) {
      if (!in(fs, directory).contains(pid)) {
        return false;
      }
    }
    return showsItself(pid, procfs);
  }

  /** Tells whether /proc/PID/cgroup names all directories; true also when it ends meanwhile. */
  private boolean showsItself(int pid, Procfs procfs) throws IOException {
    Optional<Integer> thread = procfs.liveThread(pid);
    if (thread.isEmpty()) {
      return true;
    }
    String name = "/" + directories.get(0).getFileName();
    String membership = procfs.text(thread.get(), "cgroup").orElse("");
    return membership.lines().filter(l -> (l + "/").contains(name + "/")).count()
            >= directories.size()
        || !procfs.liveThread(pid).equals(thread);
  }

  /** Lists the live processes of one directory and of those below it. */
  static Set<Integer> in(Cgroupfs fs, Path directory) throws IOException {
    Set<Integer> pids = new TreeSet<>();
    for (Path cgroup : fs.subtree(directory)) {
      pids.addAll(fs.processes(cgroup));
    }
    return pids;
  }

  /** Lists the live processes of each directory. */
  static List<Set<Integer>> lists(Cgroupfs fs, List<Path> directories) throws IOException {
    List<Set<Integer>> lists = new ArrayList<>();
    for (Path directory : directories) {
      lists.add(in(fs, directory));
    }
    return lists;
  }

  /** Joins lists of processes. */
  static Set<Integer> union(List<Set<Integer>> lists) {
    Set<Integer> pids = new TreeSet<>();
    for (Set<Integer> list : lists) {
      pids.addAll(list);
    }
    return pids;
  }
}
