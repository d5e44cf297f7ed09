package dev.guard.gateway;

import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A view is what a process can see and may do: its namespaces, its root, its rights. A gateway
 * serves whoever has its own, since it reads settings and makes cgroups in the caller's place, and
 * a caller in a sandbox must get nothing through it that the sandbox hides.
 *
 * @param namespaces the links in /proc/PID/ns that count, and the root
 * @param rights the lines of /proc/PID/status that say what it may do
 */
record CallerView(List<String> namespaces, List<String> rights) {
  /** Names the links in /proc/PID/ns that count. */
  static final List<String> NAMESPACES = List.of("cgroup", "ipc", "mnt", "pid", "time", "user");

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
    List<String> links = new ArrayList<>();
    for (String name : NAMESPACES) {
      // An old kernel has no time namespaces.
      links.add(procfs.link(pid, "ns/" + name).orElse(""));
    }
    links.add(procfs.link(pid, "root").orElse(""));
    // It is read last: with it the process was there all the time.
    String status =
        procfs
            .text(pid, "status")
            .orElseThrow(() -> new IOException("process " + pid + " has gone"));
    List<String> rights = new ArrayList<>();
    RIGHTS.forEach(name -> rights.add(line(status, name, "")));
    SANDBOX.forEach(name -> rights.add(line(status, name, name + ":\t0")));
    return new CallerView(links, rights);
  }

  private static String line(String status, String name, String otherwise) {
    int before = status.indexOf("\n" + name + ":");
    return before < 0 ? otherwise : status.substring(before + 1, status.indexOf('\n', before + 1));
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
