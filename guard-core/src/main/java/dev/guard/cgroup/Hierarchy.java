package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import dev.guard.os.Mount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Describes one mounted cgroup hierarchy and where a process is in it.
 *
 * @param version 1 or 2
 * @param controllers the controllers of a v1 hierarchy; empty for v2, whose cgroup.controllers file
 *     has them
 * @param mountPoint where the hierarchy is mounted
 * @param readOnly whether the mount is read-only
 * @param self the directory of that process's cgroup, below the mount point
 */
public record Hierarchy(
    int version, Set<String> controllers, Path mountPoint, boolean readOnly, Path self) {
  private static final String KILL = "cgroup.kill";
  private static final Path UP = Path.of("..");
  private static volatile Parsed last;

  /**
   * Reads which hierarchies are mounted and where a process is in each, see cgroups(7).
   *
   * @param mountinfo /proc/PID/mountinfo of a process that sees the mounts
   * @param membership /proc/PID/cgroup of the process
   */
  public static List<Hierarchy> parse(String mountinfo, String membership) {
    Parsed before = last;
    if (before != null
        && before.mountinfo().equals(mountinfo)
        && before.membership().equals(membership)) {
      return before.hierarchies();
    }
    List<Hierarchy> hierarchies = new ArrayList<>();
    for (Mount mount : Mount.parseAll(mountinfo)) {
      of(mount, membership).ifPresent(hierarchies::add);
    }
    Parsed now = new Parsed(mountinfo, membership, List.copyOf(hierarchies));
    last = now;
    return now.hierarchies();
  }

  /** Keeps one answer with its texts: the callers of a gateway are mostly in the same place. */
  private record Parsed(String mountinfo, String membership, List<Hierarchy> hierarchies) {}

  /** Tells whether Guard would use the hierarchy for anything. */
  public boolean concernsGuard() {
    return version == 2
        || List.of("pids", "memory", "cpu", "freezer").stream().anyMatch(controllers::contains);
  }

  /** Describes the hierarchy for people. */
  public String describe() {
    String what =
        version == 2 ? "cgroup2" : "cgroup v1 " + String.join(",", new TreeSet<>(controllers));
    return what + " at " + mountPoint + (readOnly ? ", read-only" : "") + "; guard is in " + self;
  }

  /**
   * Tells whether cgroups have cgroup.kill (since Linux 5.14); the root has none, so there it can
   * not be told.
   */
  public Optional<Boolean> kills(Cgroupfs fs) throws IOException {
    boolean root = !fs.has(self, "cgroup.type");
    if (!root) {
      return Optional.of(fs.has(self, KILL));
    }
    return fs.subtree(mountPoint).stream()
        .filter(c -> fs.has(c, "cgroup.type"))
        .findFirst()
        .map(c -> fs.has(c, KILL));
  }

  /** Says why a directory in the hierarchy is not writable, and what to do. */
  String notWritable(Path directory) {
    return directory
        + (readOnly
            ? " is on a read-only mount; have cgroups mounted writable, see docs/containers.md"
            : " is not writable for this user; have root of the host delegate it, see docs/cgroups.md");
  }

  private static Optional<Hierarchy> of(Mount mount, String membership) {
    boolean v2 = mount.type().equals("cgroup2");
    if (!v2 && !mount.type().equals("cgroup")) {
      return Optional.empty();
    }
    for (String line : membership.lines().toList()) {
      String[] f = line.split(":", 3);
      Set<String> controllers =
          f[1].isEmpty() ? Set.of() : new HashSet<>(Arrays.asList(f[1].split(",", -1)));
      boolean matches =
          v2
              ? f[0].equals("0")
              : !controllers.isEmpty() && mount.superOptions().containsAll(controllers);
      if (matches) {
        Path point = Path.of(mount.point());
        return self(mount, f[2])
            .map(p -> new Hierarchy(v2 ? 2 : 1, controllers, point, mount.readOnly(), p));
      }
    }
    return Optional.empty();
  }

  /**
   * Finds the directory of a cgroup path below a mount. The path is shown relative to the root of
   * the cgroup namespace, and so is the root of a mount, which shows only what is below it. Either
   * begins with ".." where it is outside of the namespace; the names on that way are not known, so
   * the two are compared name by name.
   */
  private static Optional<Path> self(Mount mount, String path) {
    Path cgroup = Path.of(path);
    Path top = Path.of(mount.root());
    int depth = top.getNameCount();
    if (!cgroup.startsWith(top)) {
      return Optional.empty();
    }
    Path self = Path.of(mount.point());
    for (int i = depth; i < cgroup.getNameCount(); i++) {
      if (cgroup.getName(i).equals(UP)) {
        return Optional.empty();
      }
      self = self.resolve(cgroup.getName(i));
    }
    return Optional.of(self);
  }
}
