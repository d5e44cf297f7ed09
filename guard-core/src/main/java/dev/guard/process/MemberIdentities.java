package dev.guard.process;

import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tells which processes have the pids that a look at a tree has listed. A process may end after it
 * was listed, and its number become that of a process that has nothing to do with the tree.
 */
final class MemberIdentities {
  private final Map<Integer, Procfs.Stat> sure = new HashMap<>();
  private final Map<Integer, Procfs.Stat> doubtful = new HashMap<>();

  private MemberIdentities() {}

  /**
   * Asks each pid which process it is. A process that began before the look is the one that was
   * listed; and so is the child of one of the tree.
   *
   * @param begin when the look began, see {@link Procfs#uptimeTicks}
   * @param found the pids that the look has listed
   * @param known the processes of the tree that were known before
   */
  static MemberIdentities of(Procfs procfs, long begin, Set<Integer> found, Set<ProcessId> known)
      throws IOException {
    MemberIdentities identities = new MemberIdentities();
    for (int pid : found) {
      Optional<Procfs.Stat> stat = procfs.stat(pid);
      if (stat.isPresent()) {
        boolean isSure = stat.get().startTicks() < begin;
        (isSure ? identities.sure : identities.doubtful).put(pid, stat.get());
      }
    }
    for (ProcessId one : known) {
      Optional<Procfs.Stat> stat = procfs.stat(one.pid());
      if (stat.isPresent() && stat.get().startTicks() == one.startTicks()) {
        identities.acknowledge(one.pid(), stat.get());
      }
    }
    identities.children();
    return identities;
  }

  private void acknowledge(int pid, Procfs.Stat stat) {
    sure.put(pid, stat);
    doubtful.remove(pid);
  }

  private void children() {
    boolean grew = true;
    while (grew) {
      grew = false;
      for (Procfs.Stat stat : List.copyOf(doubtful.values())) {
        if (sure.containsKey(stat.parent())) {
          acknowledge(stat.pid(), stat);
          grew = true;
        }
      }
    }
  }

  /** Tells whether there is a pid of which it can not be told. */
  boolean hasDoubts() {
    return !doubtful.isEmpty();
  }

  /** Takes these pids, which are of the tree by another proof, and so their children. */
  void confirm(Set<Integer> pids) {
    for (int pid : pids) {
      if (doubtful.containsKey(pid)) {
        acknowledge(pid, doubtful.get(pid));
      }
    }
    children();
  }

  /** Lists the processes of the tree that live. */
  Set<ProcessId> live() {
    Set<ProcessId> live = new HashSet<>();
    for (Procfs.Stat stat : sure.values()) {
      if (!stat.ended()) {
        live.add(stat.id());
      }
    }
    return live;
  }
}
