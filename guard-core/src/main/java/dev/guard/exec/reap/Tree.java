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
 * The processes of a command, wherever they have gone: those in its cgroup, and those that have
 * left it but still descend from its main process or from whoever adopts its orphans.
 *
 * <p>Where there is no cgroup, they are also those of its process group, and whoever has its id in
 * the environment he was started with.
 */
public final class Tree {
  private final Procfs procfs;
  private final CommandCgroup cgroup;
  private final int main;
  private final OsString marker;
  private final Optional<Adopter> adopter;

  /**
   * A process to which the tree's orphans come: Guard itself, where it is a child subreaper and
   * runs this one command.
   *
   * @param pid its pid
   * @param lifeline its other child
   */
  public record Adopter(int pid, int lifeline) {}

  /** The tree of the command {@code id}, whose main process is or was {@code main}. */
  public Tree(Procfs procfs, CommandCgroup cgroup, int main, String id, Optional<Adopter> adopter) {
    this.procfs = procfs;
    this.cgroup = cgroup;
    this.main = main;
    this.marker = OsString.of("GUARD_ID=" + id);
    this.adopter = adopter;
  }

  CommandCgroup cgroup() {
    return cgroup;
  }

  int main() {
    return main;
  }

  /** Its live processes now. */
  public Set<Integer> members() throws IOException {
    Set<Integer> members = new TreeSet<>(cgroup.processes());
    Descendants descendants = new Descendants(procfs);
    if (adopter.isPresent()) {
      members.addAll(descendants.of(adopter.get().pid()));
      members.remove(adopter.get().lifeline());
      members.removeAll(descendants.of(adopter.get().lifeline()));
    } else {
      members.addAll(descendants.of(main));
    }
    if (!cgroup.exists()) {
      members.addAll(search());
    }
    return members;
  }

  private Set<Integer> search() throws IOException {
    Set<Integer> found = new TreeSet<>();
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

  /** What a process calls itself, and why it may have survived, for messages. */
  String describe(int pid) throws IOException {
    Optional<Procfs.Stat> stat = procfs.stat(pid);
    boolean waits = stat.isPresent() && stat.get().state() == 'D';
    return stat.map(Procfs.Stat::command).orElse("?")
        + (waits ? ", in an uninterruptible wait" : "");
  }
}
