package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Marks the cgroup of a command whose processes are kept though no parent looks after them. Every
 * guard of the user sees the mark there, also one that has another /run and so other records. The
 * mark is the name of an empty cgroup, since v1 has no other place to write.
 */
final class KeptMark {
  private static final String KEPT = "guard.kept";
  private static final String UNTIL = "guard.until.";
  private static final Pattern NAME =
      Pattern.compile("guard\\.until\\.(\\d{1,9})\\.(\\d{1,18})\\.([0-9-]+)");

  private KeptMark() {}

  /**
   * Puts the mark on a cgroup.
   *
   * @param until the process whose end ends the mark; empty: only the end of the kept processes
   *     does
   */
  static void put(Cgroupfs fs, Path cgroup, Optional<ProcessId> until, Procfs procfs)
      throws IOException {
    String namespaces = namespaces(procfs);
    String name =
        until.map(u -> UNTIL + u.pid() + "." + u.startTicks() + "." + namespaces).orElse(KEPT);
    fs.create(cgroup.resolve(name));
  }

  private static String namespaces(Procfs procfs) throws IOException {
    return procfs.identityNamespaces().replaceAll("[^0-9]+", " ").strip().replace(' ', '-');
  }

  /** Tells whether one of these cgroups has a mark that holds, or may hold. */
  static boolean isOn(Cgroupfs fs, List<Path> cgroups, Procfs procfs) throws IOException {
    for (Path cgroup : cgroups) {
      for (Path below : fs.subtree(cgroup)) {
        String name = below.getFileName().toString();
        boolean own = cgroup.equals(below.getParent());
        if (own && (name.equals(KEPT) || holds(NAME.matcher(name), procfs))) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean holds(Matcher until, Procfs procfs) throws IOException {
    if (!until.matches()) {
      return false;
    }
    // Where pids or the clock are another namespace's, nobody can know whether the process lives.
    return !until.group(3).equals(namespaces(procfs))
        || new ProcessId(Integer.parseInt(until.group(1)), Long.parseLong(until.group(2)))
            .lives(procfs);
  }
}
