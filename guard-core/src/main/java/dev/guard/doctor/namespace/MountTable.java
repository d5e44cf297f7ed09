package dev.guard.doctor.namespace;

import dev.guard.os.Mount;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A table of mounts shows one namespace as a process in it sees it. */
final class MountTable {
  private final List<Mount> mounts;
  private final Map<MountPoint, Mount> on = new HashMap<>();
  private final Set<Integer> ids;
  private final Optional<Mount> root;

  private record MountPoint(int parent, String point) {}

  MountTable(List<Mount> mounts) {
    this.mounts = mounts;
    mounts.forEach(m -> on.put(new MountPoint(m.parent(), m.point()), m));
    this.ids = new TreeSet<>(mounts.stream().map(Mount::id).toList());
    this.root = mounts.stream().filter(this::isRoot).findFirst();
  }

  /** Parses the text of /proc/PID/mountinfo. */
  static MountTable parse(String mountinfo) {
    return new MountTable(Mount.parseAll(mountinfo));
  }

  /**
   * Answers whether a mount is the process's root, where a path from / begins: the mount at / whose
   * parent the process can not see. A mount put on top of / later is not seen by processes that
   * were there before.
   */
  private boolean isRoot(Mount mount) {
    return mount.point().equals("/") && !ids.contains(mount.parent());
  }

  /** Answers the mount at /; none when the root directory of the process is no mount. */
  Optional<Mount> root() {
    return root;
  }

  /** Answers whether the table has this mount, which no other namespace has then. */
  boolean has(int mountId) {
    return ids.contains(mountId);
  }

  /**
   * Finds the mount that a path leads to, as the kernel does: from the root downwards, at each
   * directory to the mount that is on top there of the mount walked so far. So a mount that was
   * later covered, with everything below it, is not found, although it is in the table still.
   *
   * @param path absolute and without symbolic links
   */
  Optional<Mount> covering(String path) {
    if (root.isEmpty()) {
      return root;
    }
    Mount at = root.get();
    for (int end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) {
      at = top(at, path.substring(0, end));
    }
    return Optional.of(path.equals("/") ? at : top(at, path));
  }

  private Mount top(Mount mount, String point) {
    Mount top = mount;
    Mount above = on.get(new MountPoint(top.id(), point));
    while (above != null && above.id() != top.id()) {
      top = above;
      above = on.get(new MountPoint(top.id(), point));
    }
    return top;
  }

  /** Answers the paths of mounts that can be seen. */
  Set<String> points() {
    Set<String> points = new TreeSet<>();
    for (Mount mount : mounts) {
      if (covering(mount.point()).filter(m -> m.id() == mount.id()).isPresent()) {
        points.add(mount.point());
      }
    }
    return points;
  }

  /**
   * Answers whether systemd has made the namespace, by how mounts come into it: systemd makes all
   * of them slaves of those outside, and then shares them again; unshare(1) and container runtimes
   * stop at private or slave. A unit with MountFlags= is taken for one of those.
   */
  boolean isLikeSystemds() {
    return root.filter(r -> r.shared() && r.slave()).isPresent();
  }
}
