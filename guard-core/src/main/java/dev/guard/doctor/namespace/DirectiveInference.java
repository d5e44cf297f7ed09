package dev.guard.doctor.namespace;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Infers which directives of systemd a namespace looks like, from its mounts. A mount can be named
 * by whoever makes it, so no unit is ever taken from here.
 */
final class DirectiveInference {
  /**
   * The paths that ProtectSystem=strict leaves writable, or where systemd mounts things of its own.
   */
  private static final List<String> NOT_BY_PATHS =
      List.of(
          "/dev",
          "/proc",
          "/sys",
          "/home",
          "/root",
          "/run/user",
          "/run/systemd",
          "/run/credentials");

  private static final List<String> SYSTEM = List.of("/usr", "/boot", "/efi", "/etc");

  private final MountTable here;
  private final MountTable host;
  private final List<String> found = new ArrayList<>();

  private DirectiveInference(MountTable here, MountTable host) {
    this.here = here;
    this.host = host;
  }

  /** Answers the directives as in a unit's file; empty when the mounts show none. */
  static List<String> directives(MountTable here, MountTable host) {
    DirectiveInference inference = new DirectiveInference(here, host);
    inference.system();
    if (!inference.found.contains("RootDirectory=")) {
      inference.home();
      inference.tmp();
      inference.kernel();
      inference.paths();
    }
    return List.copyOf(inference.found);
  }

  private PathComparison.Difference at(String path) {
    return PathComparison.of(path, here, host).difference();
  }

  private boolean isReadOnly(String path) {
    return at(path) == PathComparison.Difference.READ_ONLY;
  }

  private void system() {
    if (at("/") == PathComparison.Difference.OTHER) {
      found.add("RootDirectory=");
    } else if (isReadOnly("/")) {
      found.add("ProtectSystem=strict");
    } else if (isReadOnly("/usr")) {
      found.add(isReadOnly("/etc") ? "ProtectSystem=full" : "ProtectSystem=yes");
    }
  }

  private void home() {
    for (String home : List.of("/home", "/root")) {
      switch (at(home)) {
        case INACCESSIBLE -> found.add("ProtectHome=yes");
        case READ_ONLY -> found.add("ProtectHome=read-only");
        case EMPTY -> found.add("ProtectHome=tmpfs");
        default -> {
          continue;
        }
      }
      return;
    }
  }

  private void tmp() {
    if (at("/tmp") == PathComparison.Difference.PRIVATE_TMP) {
      found.add("PrivateTmp=yes");
    }
  }

  private void kernel() {
    if (at("/dev") == PathComparison.Difference.EMPTY) {
      found.add("PrivateDevices=yes");
    }
    if (isReadOnly("/proc/sys")) {
      found.add("ProtectKernelTunables=yes");
    }
    if (isReadOnly("/sys/fs/cgroup")) {
      found.add("ProtectControlGroups=yes");
    }
  }

  private void paths() {
    Map<PathComparison.Difference, List<String>> points =
        new EnumMap<>(PathComparison.Difference.class);
    for (String point : here.points()) {
      PathComparison compared = PathComparison.of(point, here, host);
      List<String> same = points.computeIfAbsent(compared.difference(), d -> new ArrayList<>());
      // The mount points come in order: one that is below another comes after it.
      if (isByPath(compared) && !isBelow(point, same)) {
        same.add(point);
      }
    }
    add("ReadWritePaths=", points.get(PathComparison.Difference.NONE));
    add("ReadOnlyPaths=", points.get(PathComparison.Difference.READ_ONLY));
    add("InaccessiblePaths=", points.get(PathComparison.Difference.INACCESSIBLE));
    add("TemporaryFileSystem=", points.get(PathComparison.Difference.EMPTY));
    add("BindPaths=", points.get(PathComparison.Difference.OTHER));
  }

  /** Answers whether a mount is there for none of the directives that do not name paths. */
  private boolean isByPath(PathComparison compared) {
    boolean strict = isReadOnly("/");
    if (isBelow(compared.path(), NOT_BY_PATHS)) {
      return false;
    }
    return switch (compared.difference()) {
        // An unchanged directory has a mount of its own only because all around it has changed.
      case NONE -> compared.isWritable() && (strict || !host.points().contains(compared.path()));
      case READ_ONLY -> !strict && !(isReadOnly("/usr") && isBelow(compared.path(), SYSTEM));
      default -> true;
    };
  }

  private void add(String directive, List<String> points) {
    if (points != null && !points.isEmpty()) {
      found.add(directive + String.join(" ", points));
    }
  }

  /** Answers whether a path is one of these or below one. */
  static boolean isBelow(String path, List<String> others) {
    return others.stream()
        .anyMatch(o -> o.equals("/") || path.equals(o) || path.startsWith(o + "/"));
  }
}
