package dev.guard.process;

import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.Set;

/**
 * Finds the processes below others, where there is no cgroup that holds them: processes, not
 * threads, each once.
 */
public interface Descendants {
  /** Chooses the best way that this system has to find descendants. */
  static Descendants on(Procfs procfs) throws IOException {
    if (procfs.listsChildren()) {
      return new ChildrenFiles(procfs);
    }
    return procfs.pids().isEmpty() ? new Pgrep(Pgrep.PROGRAM) : new ParentScan(procfs);
  }

  /**
   * Lists the pids of all live descendants of these processes, without them.
   *
   * <p>A process that ends meanwhile is no error; that something can not be read is one, never a
   * smaller number.
   */
  Set<Integer> of(Set<Integer> roots) throws IOException;

  /** Lists the pids of all live descendants of one process, without it. */
  default Set<Integer> of(int root) throws IOException {
    return of(Set.of(root));
  }
}
