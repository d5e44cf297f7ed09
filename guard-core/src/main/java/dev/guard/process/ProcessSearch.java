package dev.guard.process;

import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Searches all processes of the host for those of a command that nothing leads to any more: the
 * members of its process group, of the session that it began, and those with its id in the
 * environment that they were started with.
 */
final class ProcessSearch {
  private final Procfs procfs;
  private final ProcessId main;
  private final CommandMark mark;
  // When the main process was waited for, see Procfs.uptimeTicks: later its group may be another's.
  private volatile long mainWaitedFor = Long.MAX_VALUE;
  private Optional<ProcessId> sessionLeader = Optional.empty();
  private boolean provenOnly;

  ProcessSearch(Procfs procfs, ProcessId main, CommandMark mark) {
    this.procfs = procfs;
    this.main = main;
    this.mark = mark;
  }

  /** Notes that from now on the number of the main process and its group are free. */
  void mainWaitedFor() throws IOException {
    mainWaitedFor = Math.min(mainWaitedFor, procfs.uptimeTicks());
  }

  /** Includes all processes of the session that this process led in what is found. */
  void includeSessionOf(ProcessId leader) {
    sessionLeader = Optional.of(leader);
  }

  /** Leaves out from now on processes that only the mark speaks for. */
  void provenOnly() {
    provenOnly = true;
  }

  /**
   * Finds the live processes of the command.
   *
   * @param seen the processes of the tree that were seen before
   */
  Set<ProcessId> find(Set<ProcessId> seen) throws IOException {
    Set<ProcessId> found = new HashSet<>();
    for (int pid : procfs.pids()) {
      Optional<Procfs.Stat> stat = procfs.stat(pid);
      if (stat.isEmpty() || stat.get().ended() || stat.get().startTicks() < main.startTicks()) {
        continue;
      }
      if (belongs(stat.get(), seen)) {
        found.add(stat.get().id());
      }
    }
    return found;
  }

  private boolean belongs(Procfs.Stat process, Set<ProcessId> seen) throws IOException {
    boolean near =
        isOf(process, process.group(), main)
            || (sessionLeader.isPresent() && isOf(process, process.session(), sessionLeader.get()));
    if (provenOnly) {
      // A process in a session is descended from its leader. But the number of a leader that has
      // gone may have been another's since.
      return hasPid(seen, process.session()) || (near && mark.isOn(process.pid(), procfs));
    }
    return near || mark.isOn(process.pid(), procfs);
  }

  private static boolean hasPid(Set<ProcessId> seen, int pid) {
    return seen.stream().anyMatch(process -> process.pid() == pid);
  }

  /**
   * Tells whether a process is in the group, or session, of this leader. A number stays taken while
   * a group has it: where it is another process's, the group is too. Where that process has ended,
   * processes that began after our leader was waited for may be of another group that had the
   * number.
   */
  private boolean isOf(Procfs.Stat process, int group, ProcessId leader) throws IOException {
    if (group != leader.pid()) {
      return false;
    }
    Optional<Procfs.Stat> now = procfs.stat(group);
    return now.isPresent()
        ? now.get().startTicks() == leader.startTicks()
        : !leader.equals(main) || process.startTicks() <= mainWaitedFor;
  }
}
