package dev.guard.store;

import dev.guard.os.Mount;
import dev.guard.os.Os;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/**
 * Tells whether the commands that a store counts are all that there are. Guards of another
 * namespace of processes or time have another store, and whether their places live can not be told
 * here.
 */
public final class CountedNamespace {
  private static final String FIRST_PIDS = "4026531836-";
  private static final int INIT = 1;

  private CountedNamespace() {}

  /**
   * Says why the count may not be whole; empty when it is.
   *
   * @param store this process's own
   */
  public static String problem(Os os, Procfs procfs, Path store) throws IOException {
    boolean clock = store.getFileName().toString().startsWith(FIRST_PIDS);
    String problem = "counts only the commands of this " + (clock ? "time" : "pid") + " namespace";
    for (Path other : StoreDirectory.otherNamespaces(store)) {
      if (!StorePresence.isDeserted(os, other)) {
        return problem + ", and guards live in another";
      }
    }
    boolean first = !StoreDirectory.isOfNamespaces(store);
    return first || isAlone(os, procfs, store.getParent().getParent()) ? "" : problem;
  }

  /**
   * Tells whether this is the first process of a container, or a child of that, or serves one of
   * these as its child, with a runtime directory of its own: then nobody outside has the same
   * store.
   */
  private static boolean isAlone(Os os, Procfs procfs, Path runtime) throws IOException {
    int parent = os.parentPid();
    int above = procfs.stat(parent).map(Procfs.Stat::parent).orElse(0);
    return List.of(os.pid(), parent, above).contains(INIT)
        && isMountedInside(procfs.text(os.pid(), "mountinfo").orElse(""), runtime);
  }

  /**
   * Tells whether the mount that a directory is on was made for this namespace of processes. The
   * proc file system that shows a namespace is as new as that, and the kernel lists mounts in the
   * order of their making: so a mount after it is new, and so is a root that it was the first to be
   * mounted on, as in a container. The mounts that unshare --mount-proc copies of the host stand
   * before it.
   */
  static boolean isMountedInside(String mountinfo, Path directory) {
    List<Mount> mounts = Mount.parseAll(mountinfo);
    int proc = last(mounts, m -> m.type().equals("proc") && m.point().equals("/proc"));
    int nearest = 0;
    for (int i = 0; i < mounts.size(); i++) {
      if (directory.startsWith(mounts.get(i).point())
          && names(mounts.get(i)) >= names(mounts.get(nearest))) {
        nearest = i;
      }
    }
    boolean onRoot = !mounts.isEmpty() && names(mounts.get(nearest)) == 0;
    boolean ownRoot = proc > 0 && mounts.subList(0, proc).stream().allMatch(m -> names(m) == 0);
    return proc >= 0 && (nearest > proc || (onRoot && ownRoot));
  }

  private static int names(Mount mount) {
    return Path.of(mount.point()).getNameCount();
  }

  private static int last(List<Mount> mounts, Predicate<Mount> wanted) {
    int last = -1;
    for (int i = 0; i < mounts.size(); i++) {
      last = wanted.test(mounts.get(i)) ? i : last;
    }
    return last;
  }
}
