package dev.guard.process;

import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Follows a tree's orphans to the process that adopts them, as long as that one lives. */
final class Adoption {
  private final Procfs procfs;
  private final Optional<Tree.Adopter> adopter;
  private final ProcessId main;
  private final String id;
  private AdoptedTree tree;

  Adoption(Procfs procfs, Optional<Tree.Adopter> adopter, ProcessId main, String id) {
    this.procfs = procfs;
    this.adopter = adopter;
    this.main = main;
    this.id = id;
  }

  /** Tells whether there is a process that adopts orphans. */
  boolean lasts() throws IOException {
    return adopter.isPresent()
        && (adopter.get().startTicks() == 0
            || new ProcessId(adopter.get().pid(), adopter.get().startTicks()).lives(procfs));
  }

  /** Identifies the adopter, while it is there. */
  Optional<ProcessId> process() throws IOException {
    return lasts() ? Optional.of(ProcessId.of(adopter.get().pid(), procfs)) : Optional.empty();
  }

  /**
   * Answers the tree below the adopter, while that is there; from the first call on it is known
   * which processes were there before.
   */
  synchronized Optional<AdoptedTree> tree() throws IOException {
    if (!lasts()) {
      return Optional.empty();
    }
    if (tree == null) {
      tree = new AdoptedTree(procfs, adopter.get().pid(), adopter.get().lifeline(), main, id);
    }
    return Optional.of(tree);
  }

  /**
   * Lists the processes that came to the adopter when their parent ended, and have not been waited
   * for. No other process is looked at, so this is fast.
   */
  Set<Integer> orphans() throws IOException {
    Optional<AdoptedTree> by = tree();
    if (by.isEmpty()) {
      return Set.of();
    }
    // The kernel gives orphans to the first thread of a process, and that one stays.
    Set<Integer> orphans = new TreeSet<>(procfs.childrenOfThread(by.get().adopter()));
    orphans.removeAll(by.get().others());
    orphans.remove(main.pid());
    return orphans;
  }

  /** Tells whether a pid is that of an orphan of the command now, or of no process. */
  boolean isOrphan(int pid, AdoptedTree.ProcessList inCgroup) throws IOException {
    Optional<Procfs.Stat> stat = procfs.stat(pid);
    return stat.isEmpty() || tree().orElseThrow().isOrphan(stat.get(), inCgroup);
  }
}
