package dev.guard.process;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/**
 * Holds the result of one look at a tree: the processes that are in its cgroup, or descend from one
 * that is known to be of the tree.
 *
 * @param listed the pids that the look has listed, also of processes that have gone since
 * @param live the listed processes that are of the tree and live
 * @param doubts whether the look has listed a process of which that could not be told
 */
record TreeLook(Set<Integer> listed, Set<ProcessId> live, boolean doubts) {

  /**
   * Looks once.
   *
   * @param begin the time before anything was asked, see {@link Procfs#uptimeTicks}
   * @param roots the processes whose children are of the tree without a further proof
   * @param adopted the tree below the process that adopts the tree's orphans
   */
  static TreeLook at(
      Procfs procfs,
      long begin,
      CommandCgroup cgroup,
      Set<ProcessId> roots,
      Optional<AdoptedTree> adopted)
      throws IOException {
    Set<Integer> listed =
        adopted.isPresent() ? below(adopted.get(), cgroup) : below(roots, cgroup, procfs);
    MemberIdentities identities = MemberIdentities.of(procfs, begin, listed, roots);
    if (identities.hasDoubts()) {
      // A pid that is in the cgroup in both lists is of the tree, and a process that got a number
      // in between is not there.
      identities.confirm(cgroup.processes());
    }
    Set<ProcessId> live = identities.live();
    live.removeIf(process -> !listed.contains(process.pid()));
    return new TreeLook(listed, live, identities.hasDoubts());
  }

  private static Set<Integer> below(AdoptedTree adopted, CommandCgroup cgroup) throws IOException {
    Set<Integer> listed = cgroup.processes();
    listed.addAll(adopted.processes(cgroup::processes));
    return listed;
  }

  private static Set<Integer> below(Set<ProcessId> roots, CommandCgroup cgroup, Procfs procfs)
      throws IOException {
    Set<Integer> listed = cgroup.processes();
    for (ProcessId root : roots) {
      if (root.lives(procfs)) {
        listed.add(root.pid());
      }
    }
    listed.addAll(Descendants.on(procfs).of(Set.copyOf(listed)));
    return listed;
  }
}
