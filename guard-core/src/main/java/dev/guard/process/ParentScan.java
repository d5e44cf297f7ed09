package dev.guard.process;

import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Asks every process for its parent, where the kernel has no lists of children. A process that is
 * adopted while we look can be missed.
 */
final class ParentScan implements Descendants {
  private final Procfs procfs;

  ParentScan(Procfs procfs) {
    this.procfs = procfs;
  }

  @Override
  public Set<Integer> of(Set<Integer> roots) throws IOException {
    Map<Integer, Procfs.Stat> stats = new TreeMap<>();
    for (int pid : procfs.pids()) {
      Optional<Procfs.Stat> stat = procfs.stat(pid);
      stat.ifPresent(s -> stats.put(s.pid(), s));
    }
    Set<Integer> found = new HashSet<>(roots);
    boolean grew = true;
    while (grew) {
      grew = false;
      for (Procfs.Stat s : stats.values()) {
        grew |= found.contains(s.parent()) && found.add(s.pid());
      }
    }
    found.removeAll(roots);
    found.removeIf(pid -> stats.get(pid).ended());
    return found;
  }
}
