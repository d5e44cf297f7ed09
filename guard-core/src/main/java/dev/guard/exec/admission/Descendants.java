package dev.guard.exec.admission;

import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The processes below one, where there is no cgroup that holds them: processes, not threads, each
 * once.
 */
public final class Descendants {
  private final Procfs procfs;

  /** Reads this proc file system. */
  public Descendants(Procfs procfs) {
    this.procfs = procfs;
  }

  /**
   * The pids of all live descendants of {@code root}, without it.
   *
   * <p>A process's children are listed by the thread that forked them, so every thread is asked;
   * where the kernel has no such lists, the parents of all processes are. A process that ends
   * meanwhile is no error; one that is adopted elsewhere while we walk can be missed, as proc(5)
   * says, which is why a cgroup is asked first where there is one.
   */
  public Set<Integer> of(int root) throws IOException {
    return procfs.listsChildren() ? byChildren(root) : byParents(root);
  }

  /** How many live processes the tree of {@code root} has, itself included. */
  public int countTree(int root) throws IOException {
    return (alive(root) ? 1 : 0) + of(root).size();
  }

  Set<Integer> byChildren(int root) throws IOException {
    Set<Integer> known = new HashSet<>(Set.of(root));
    Set<Integer> live = new HashSet<>();
    Deque<Integer> open = new ArrayDeque<>(known);
    while (!open.isEmpty()) {
      int pid = open.remove();
      Optional<Procfs.Stat> stat = procfs.stat(pid);
      if (stat.isEmpty() || stat.get().ended()) {
        // Its children have another parent by now.
        continue;
      }
      live.add(pid);
      for (int child : procfs.children(stat.get())) {
        if (known.add(child)) {
          open.add(child);
        }
      }
    }
    live.remove(root);
    return live;
  }

  Set<Integer> byParents(int root) throws IOException {
    Map<Integer, Procfs.Stat> stats = new TreeMap<>();
    for (int pid : procfs.pids()) {
      procfs.stat(pid).ifPresent(s -> stats.put(s.pid(), s));
    }
    Set<Integer> found = new HashSet<>();
    boolean grew = true;
    while (grew) {
      grew = false;
      for (Procfs.Stat s : stats.values()) {
        boolean below = s.parent() == root || found.contains(s.parent());
        if (below && s.pid() != root) {
          grew |= found.add(s.pid());
        }
      }
    }
    found.removeIf(pid -> stats.get(pid).ended());
    return found;
  }

  private boolean alive(int pid) throws IOException {
    Optional<Procfs.Stat> stat = procfs.stat(pid);
    return stat.isPresent() && !stat.get().ended();
  }
}
