package dev.guard.doctor.namespace;

import dev.guard.doctor.machine.ExaminedMachine;
import dev.guard.doctor.machine.ServiceManagers;
import dev.guard.doctor.namespace.Namespaces.Namespace;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Describes what the examined processes see in one namespace.
 *
 * @param directories /etc, /usr, the home directories of the users, /tmp
 * @param elsewhere other mount points that differ
 */
record NamespaceView(
    List<PathComparison> directories, List<BusView> buses, List<PathComparison> elsewhere) {
  /** The paths that the kernel has for its own, or that come and go with units and users. */
  private static final List<String> NO_FILES = List.of("/dev", "/proc", "/sys", "/run");

  /** The paths that systemd makes in every namespace, with nothing for anybody but itself. */
  private static final List<String> OF_SYSTEMD = List.of("/run/credentials", "/run/systemd");

  /**
   * Describes the bus of a user as processes in a namespace see it.
   *
   * @param compared the socket's path
   * @param reason why the bus can not be reached; empty when it can
   */
  record BusView(ShownUsers.ShownUser user, PathComparison compared, String reason) {
    /** Answers whether the bus is hidden by mounts, and not just missing on the host, too. */
    boolean isHidden() {
      return switch (compared.difference()) {
        case NONE, READ_ONLY, WRITABLE, UNKNOWN -> false;
        default -> true;
      };
    }
  }

  static NamespaceView of(
      Namespace here,
      Namespace host,
      List<ExaminedProcess> examined,
      ShownUsers users,
      ExaminedMachine machine) {
    Set<String> paths = new LinkedHashSet<>(List.of("/etc", "/usr"));
    Set<Integer> ids = new TreeSet<>(examined.stream().map(ExaminedProcess::user).toList());
    ids.forEach(id -> users.find(id).home().ifPresent(h -> paths.add(resolved(h, machine))));
    paths.add("/tmp");
    List<PathComparison> directories =
        paths.stream().map(p -> PathComparison.of(p, here.table(), host.table())).toList();
    List<BusView> buses = new ArrayList<>();
    for (int id : ids) {
      ExaminedProcess one = examined.stream().filter(w -> w.user() == id).findFirst().orElseThrow();
      String path = ServiceManagers.runtime(id) + "/bus";
      PathComparison compared = PathComparison.of(path, here.table(), host.table());
      buses.add(new BusView(users.find(id), compared, reason(one, compared, machine)));
    }
    return new NamespaceView(
        directories, buses, elsewhere(here.table(), host.table(), directories));
  }

  /** Resolves symbolic links, since mounts are at paths without them. */
  private static String resolved(String path, ExaminedMachine machine) {
    String root = machine.root().toString().equals("/") ? "" : machine.root().toString();
    try {
      String real = machine.os().realPath(OsString.of(root + path)).toString();
      return real.startsWith(root + "/") ? real.substring(root.length()) : path;
    } catch (OsException e) {
      // The path is not there, or not for this user: then its real name is the one it has.
      return path;
    }
  }

  private static String reason(
      ExaminedProcess process, PathComparison bus, ExaminedMachine machine) {
    switch (bus.difference()) {
      case NONE, READ_ONLY, WRITABLE -> {}
      case MISSING -> {
        return "mount " + bus.host().orElseThrow().point() + " of process 1 is missing";
      }
      default -> {
        String by = bus.here().map(m -> " by mount " + m.point()).orElse("");
        return bus.differenceText() + by;
      }
    }
    int self = machine.os().userId();
    if (self != 0 && self != process.user()) {
      return "not known: only root and the user may look";
    }
    // The path is looked up through the process where that is allowed: guard's mounts may be
    // others.
    Path own = machine.procfs().rootOf(process.pid());
    Path root = Files.isDirectory(own) ? own : machine.root();
    // A link is not followed, since the user could let it lead to a file system that never answers.
    return Files.exists(root.resolve(bus.path().substring(1)), LinkOption.NOFOLLOW_LINKS)
        ? ""
        : "it is not there: the user has no login and does not linger";
  }

  /** Answers other mount points that differ, but for those that are as the directory above them. */
  private static List<PathComparison> elsewhere(
      MountTable here, MountTable host, List<PathComparison> directories) {
    Set<String> points = new TreeSet<>(here.points());
    points.addAll(host.points());
    points.remove("/");
    directories.forEach(d -> points.remove(d.path()));
    return points.stream()
        .filter(p -> !DirectiveInference.isBelow(p, OF_SYSTEMD))
        .map(p -> PathComparison.of(p, here, host))
        .filter(s -> !s.isSame() && directories.stream().noneMatch(d -> isAsAbove(s, d)))
        .toList();
  }

  private static boolean isAsAbove(PathComparison compared, PathComparison directory) {
    return compared.difference() == directory.difference()
        && DirectiveInference.isBelow(compared.path(), List.of(directory.path()));
  }

  /**
   * Answers whether somebody in the namespace works on other files than somebody outside. Mounts of
   * the host that have not come here do not count: they come and go with disks and containers.
   */
  boolean drifts() {
    return directories.stream().anyMatch(s -> !s.isSame())
        || buses.stream().anyMatch(BusView::isHidden)
        || elsewhere.stream()
            .filter(s -> !DirectiveInference.isBelow(s.path(), NO_FILES))
            .anyMatch(s -> s.difference() != PathComparison.Difference.MISSING);
  }
}
