package dev.guard.monitor;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.process.AdoptedTree;
import dev.guard.process.Descendants;
import dev.guard.value.Ending.Reason;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * Looks once at the whole tree of a command: for a limit that ends it, and for processes that have
 * left its cgroup or lost their parent.
 *
 * @param main the command's main process
 * @param adopted the tree where the command's orphans come to a guard that runs nothing else
 * @param mostTasks how many tasks the command may have, where Guard has to see to that; else empty
 * @param cpuTime how much processor time the command may use, where that is limited
 * @param oomEnds whether a process that the kernel kills for memory ends the command
 * @param strays acts on processes that have left the cgroup
 */
record TreeInspection(
    Procfs procfs,
    CommandCgroup cgroup,
    ProcessId main,
    Optional<AdoptedTree> adopted,
    OptionalInt mostTasks,
    Optional<CpuTimeUsed> cpuTime,
    boolean oomEnds,
    StrayControl strays) {

  /** Looks now, and says what ends the command; empty when nothing does. */
  Optional<Reason> look() throws IOException {
    if (oomEnds && cgroup.counters().oomKills().orElse(0) > 0) {
      return Optional.of(Reason.OUT_OF_MEMORY);
    }
    long begin = procfs.uptimeTicks();
    Set<Integer> tree = tree();
    if (mostTasks.isPresent() && tasks(tree) > mostTasks.getAsInt()) {
      return Optional.of(Reason.TOO_MANY_TASKS);
    }
    if (cpuTime.isPresent() && cpuTime.get().isAll(tree)) {
      return Optional.of(Reason.OUT_OF_CPU_TIME);
    }
    strays.keepOnly(tree);
    if (cgroup.exists()) {
      handleStrays(tree, begin);
    } else if (adopted.isPresent()) {
      reportOrphans(tree);
    }
    strays.looked();
    return Optional.empty();
  }

  private Set<Integer> tree() throws IOException {
    Set<Integer> tree =
        adopted.isPresent()
            ? adopted.get().processes(cgroup::processes)
            : new TreeSet<>(Descendants.on(procfs).of(main.pid()));
    tree.add(main.pid());
    return tree;
  }

  private int tasks(Set<Integer> tree) throws IOException {
    int tasks = 0;
    for (int pid : tree) {
      tasks += procfs.stat(pid).map(Procfs.Stat::threads).orElse(0);
    }
    return tasks;
  }

  private void handleStrays(Set<Integer> tree, long begin) throws IOException {
    for (int pid : cgroup.members().strays(tree, procfs)) {
      Optional<Procfs.Stat> stat =
          procfs.stat(pid).filter(s -> s.startTicks() < begin && isIn(tree, s));
      if (stat.isPresent()) {
        strays.handle(stat.get());
      }
    }
  }

  /**
   * Tells whether a process is of the tree. The number may be another process's since the walk
   * through the tree: then the parent is another.
   */
  private boolean isIn(Set<Integer> tree, Procfs.Stat process) {
    return process.id().equals(main) || tree.contains(process.parent()) || isAdopted(process);
  }

  private boolean isAdopted(Procfs.Stat process) {
    return adopted.isPresent() && process.parent() == adopted.get().adopter();
  }

  private void reportOrphans(Set<Integer> tree) throws IOException {
    for (int pid : tree) {
      Optional<Procfs.Stat> stat = procfs.stat(pid).filter(this::isAdopted);
      if (stat.isPresent() && pid != main.pid()) {
        strays.report(stat.get().id());
      }
    }
  }
}
