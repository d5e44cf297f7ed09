package dev.guard.process;

import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Walks down /proc/PID/task/TID/children. A process's children are listed by the thread that forked
 * them, so every thread is asked.
 */
final class ChildrenFiles implements Descendants {
  // A chain of processes that each fork one and end can go on for ever.
  private static final int MOST_WALKS = 20;

  private final Procfs procfs;

  ChildrenFiles(Procfs procfs) {
    this.procfs = procfs;
  }

  /**
   * Walks again until no process ends between: one that ended before the walk came to it had moved
   * its children to its adopter, perhaps after the list of that one was read.
   */
  @Override
  public Set<Integer> of(Set<Integer> roots) throws IOException {
    Walk walk = new Walk(roots, Set.of());
    for (int i = 1; i < MOST_WALKS && !walk.ended.isEmpty(); i++) {
      Set<Integer> endedBefore = walk.ended;
      walk = new Walk(roots, endedBefore);
      if (endedBefore.containsAll(walk.ended)) {
        break;
      }
    }
    return walk.live;
  }

  /** Walks down once, and holds what that found. */
  private final class Walk {
    private final Set<Integer> live = new HashSet<>();
    private final Set<Integer> ended = new HashSet<>();

    /**
     * Walks, and does not ask those processes again that had ended before: there can be many
     * zombies.
     */
    Walk(Set<Integer> roots, Set<Integer> endedBefore) throws IOException {
      Set<Integer> known = new HashSet<>(roots);
      Deque<Integer> open = new ArrayDeque<>(roots);
      while (!open.isEmpty()) {
        int pid = open.remove();
        if (endedBefore.contains(pid)) {
          ended.add(pid);
          continue;
        }
        Optional<Procfs.Stat> stat = procfs.stat(pid);
        if (stat.isEmpty() || stat.get().ended()) {
          ended.add(pid);
          continue;
        }
        live.add(pid);
        for (int child : procfs.children(stat.get())) {
          if (known.add(child)) {
            open.add(child);
          }
        }
      }
      live.removeAll(roots);
      ended.removeAll(roots);
    }
  }
}
