package dev.guard.gateway;

import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A view is what a process can see and may do: its namespaces, its root, its rights. A gateway
 * serves whoever has its own, since it reads settings and makes cgroups in the caller's place, and
 * a caller in a sandbox must get nothing through it that the sandbox hides.
 *
 * @param namespaces the links in /proc/PID/ns that count, and the root
 * @param rights the lines of /proc/PID/status that say what it may do
 */
record CallerView(List<String> namespaces, List<String> rights) {
  private static final List<String> NAMESPACES =
      List.of("cgroup", "ipc", "mnt", "pid", "time", "user");
  private static final List<String> RIGHTS =
      List.of("Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb");
  // A filter, or Landlock, which needs this, and which no file shows.
  private static final List<String> SANDBOX = List.of("NoNewPrivs", "Seccomp");

  /**
   * Looks at a process.
   *
   * @throws IOException also when it has gone
   */
  static CallerView of(Procfs procfs, int pid) throws IOException {
    Path root = procfs.rootOf(pid);
    Path process = root.getParent();
    List<String> links = new ArrayList<>();
    for (String name : NAMESPACES) {
      Path link = process.resolve("ns").resolve(name);
      // An old kernel has no time namespaces.
      links.add(Files.exists(link) ? Files.readSymbolicLink(link).toString() : "");
    }
    links.add(Files.readSymbolicLink(root).toString());
    String status =
        procfs
            .text(pid, "status")
            .orElseThrow(() -> new IOException("process " + pid + " has gone"));
    TreeMap<String, String> lines = new TreeMap<>();
    status
        .lines()
        .filter(l -> l.indexOf(':') > 0)
        .forEach(l -> lines.put(l.substring(0, l.indexOf(':')), l));
    List<String> rights = new ArrayList<>();
    RIGHTS.forEach(name -> rights.add(lines.getOrDefault(name, "")));
    for (String name : SANDBOX) {
      rights.add(lines.getOrDefault(name, name + ":\t0"));
    }
    return new CallerView(links, rights);
  }

  /** Says what a caller with another view has that the gateway has not; empty: nothing. */
  Optional<String> differenceOf(CallerView caller) {
    if (!caller.namespaces.equals(namespaces)) {
      return Optional.of("it is in other namespaces, or has another root directory");
    }
    if (!caller.rights.equals(rights)) {
      return Optional.of("it has other rights");
    }
    boolean sandboxed = caller.rights.stream().anyMatch(l -> isSandbox(l));
    return sandboxed ? Optional.of("it is in a sandbox") : Optional.empty();
  }

  private static boolean isSandbox(String line) {
    return SANDBOX.stream().anyMatch(name -> line.startsWith(name + ":") && !line.endsWith("\t0"));
  }
}
