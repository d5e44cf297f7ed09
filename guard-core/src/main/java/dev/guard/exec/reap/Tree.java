package dev.guard.exec.reap;

import dev.guard.exec.admission.Descendants;
import dev.guard.exec.limits.CommandCgroup;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The processes of a command, wherever they have gone.
 *
 * <p>Its cgroup knows them all. Where there is none, they are its descendants, its process group,
 * and whoever has its id in the environment he was started with.
 */
public final class Tree {
  private final Procfs procfs;
  private final CommandCgroup cgroup;
  private final int main;
  private final OsString marker;

  /** The tree of the command {@code id}, whose main process is or was {@code main}. */
  public Tree(Procfs procfs, CommandCgroup cgroup, int main, String id) {
    this.procfs = procfs;
    this.cgroup = cgroup;
    this.main = main;
    this.marker = OsString.of("GUARD_ID=" + id);
  }

  CommandCgroup cgroup() {
    return cgroup;
  }

  int main() {
    return main;
  }

  /** Its live processes now. */
  public Set<Integer> members() throws IOException {
    return cgroup.exists() ? cgroup.processes() : search();
  }

  private Set<Integer> search() throws IOException {
    Set<Integer> found = new TreeSet<>(new Descendants(procfs).of(main));
    for (int pid : procfs.pids()) {
      Optional<Procfs.Stat> stat = procfs.stat(pid);
      boolean alive = stat.isPresent() && !stat.get().ended();
      if (alive && (pid == main || stat.get().group() == main || marked(pid))) {
        found.add(pid);
      }
    }
    return found;
  }

  private boolean marked(int pid) throws IOException {
    try {
      return procfs.environment(pid).orElse(List.of()).contains(marker);
    } catch (AccessDeniedException e) {
      // Another user's process: not one of ours, unless it has changed its user, and then we could
      // not kill it either.
      return false;
    }
  }

  /** What a process calls itself, for messages. */
  String describe(int pid) throws IOException {
    return procfs.stat(pid).map(Procfs.Stat::command).orElse("?");
  }
}
