package dev.guard.gateway;

import dev.guard.command.EnclosingCommand;
import dev.guard.os.Kernel;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Tells whether a process is where the user's gateway may be started from: it serves whoever has
 * its own view and rights, so those of the starter must be the usual ones. What is usual on a
 * machine, and in a container, is how its process 1 sees it.
 */
public final class StartPlace {
  private static final int INIT = 1;
  private static final String ALL_USERS = "0 0 4294967295";
  private static final String FIRST_PROCESSES = "pid:[4026531836]";

  private final Kernel kernel;
  private final Procfs procfs;
  private final int self;

  private StartPlace(Kernel kernel) {
    this.kernel = kernel;
    this.procfs = kernel.procfs();
    this.self = kernel.os().pid();
  }

  /**
   * Says why no gateway may be started from this process; empty: it may.
   *
   * @param socket where it would listen
   */
  public static Optional<String> obstacle(Kernel kernel, Path socket) throws IOException {
    StartPlace place = new StartPlace(kernel);
    Optional<String> rights = place.rights();
    if (rights.isPresent()) {
      return rights;
    }
    Optional<String> view = place.view(socket.getParent());
    return view.isPresent()
        ? view
        : EnclosingCommand.sign(kernel).map(s -> "this is part of a guarded command: " + s);
  }

  private Optional<String> rights() throws IOException {
    Map<String, String> own = lines(self);
    Map<String, String> first = lines(INIT);
    if (!isZero(own, "NoNewPrivs") || !isZero(own, "Seccomp")) {
      return Optional.of(
          "this is a sandbox: it has a filter of system calls, or no new privileges");
    }
    for (String ids : List.of("Uid", "Gid")) {
      if (List.of(own.get(ids).split("\\s+", -1)).stream().distinct().count() > 1) {
        return Optional.of("this process has the rights of two users or groups");
      }
    }
    // Root can do without a right, and others can have one more: either is not usual.
    String usual = kernel.os().userId() == 0 ? own.get("CapBnd") : "0".repeat(16);
    boolean asUsual =
        own.get("CapBnd").equals(first.get("CapBnd"))
            && own.get("CapEff").equals(usual)
            && own.get("CapPrm").equals(usual);
    return asUsual
        ? Optional.empty()
        : Optional.of("this process has other capabilities than usual");
  }

  private Map<String, String> lines(int pid) throws IOException {
    Map<String, String> lines = new TreeMap<>();
    procfs
        .text(pid, "status")
        .orElseThrow(() -> new IOException("process " + pid + " can not be seen here"))
        .lines()
        .filter(l -> l.contains(":"))
        .forEach(
            l ->
                lines.put(l.substring(0, l.indexOf(':')), l.substring(l.indexOf(':') + 1).strip()));
    return lines;
  }

  private static boolean isZero(Map<String, String> lines, String name) {
    return lines.getOrDefault(name, "0").equals("0");
  }

  private Optional<String> view(Path directory) throws IOException {
    // Each mount has one number on the whole machine, and unshare(2) gives all of them new ones.
    if (!roots(self).equals(roots(INIT))) {
      return Optional.of("this is another mount namespace, or root directory, than process 1's");
    }
    for (String namespace : CallerView.NAMESPACES) {
      if (differs(namespace)) {
        return Optional.of("this is another " + namespace + " namespace than process 1's");
      }
    }
    String users = procfs.text(self, "uid_map").orElse("").strip().replaceAll("\\s+", " ");
    if (!users.equals(ALL_USERS)) {
      return Optional.of("this is a user namespace of its own");
    }
    // A gateway here would be in the way of those who see the directory, and not these processes.
    boolean ownPlace =
        procfs.identityNamespaces().equals(FIRST_PROCESSES) || hasNoneButThese(directory);
    return ownPlace
        ? Optional.empty()
        : Optional.of(directory + " is also used by guards of another namespace of processes");
  }

  private List<Integer> roots(int pid) throws IOException {
    List<Integer> roots = new ArrayList<>();
    String mounts = procfs.text(pid, "mountinfo").orElse("");
    for (String line : mounts.lines().toList()) {
      String[] fields = line.split(" ", 6);
      if (fields[4].equals("/")) {
        roots.add(Integer.valueOf(fields[0]));
      }
    }
    return roots;
  }

  private boolean differs(String namespace) throws IOException {
    try {
      // An old kernel has no time namespaces, for either.
      return !procfs.link(self, "ns/" + namespace).equals(procfs.link(INIT, "ns/" + namespace));
    } catch (AccessDeniedException e) {
      // Only root may look there, and without the rights of root nobody comes into another one of
      // these but by a user namespace.
      return false;
    }
  }

  private boolean hasNoneButThese(Path directory) throws IOException {
    String own = procfs.identityNamespaces().replaceAll("[^0-9]+", " ").strip().replace(' ', '-');
    try (var all = Files.list(directory)) {
      return all.map(p -> p.getFileName().toString())
          .allMatch(name -> name.equals(own) || name.startsWith("gateway"));
    }
  }
}
