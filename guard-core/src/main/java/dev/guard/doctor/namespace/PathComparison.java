package dev.guard.doctor.namespace;

import dev.guard.os.Mount;
import java.util.Optional;

/**
 * Compares what a path is in a namespace with what it is for the host's first process.
 *
 * @param here the mount that the path leads to; empty when the process's root directory is no mount
 */
record PathComparison(
    String path, Optional<Mount> here, Optional<Mount> host, Difference difference) {
  /** Names the ways in which the two can differ. */
  enum Difference {
    /** Both see one directory, as writable in both. */
    NONE,
    /** Both see one directory, which is writable for the first process only. */
    READ_ONLY,
    /** Both see one directory, which is read-only for the first process. */
    WRITABLE,
    /** Nobody in the namespace may enter the directory: systemd has put an empty one over it. */
    INACCESSIBLE,
    /** The namespace has a directory in /tmp that systemd has made for one unit. */
    PRIVATE_TMP,
    /** The first process has a mount there, or above, that the namespace lacks. */
    MISSING,
    /** An empty file system in memory has been put over the directory. */
    EMPTY,
    /** The namespace has something else there. */
    OTHER,
    /** The difference can not be known. */
    UNKNOWN
  }

  static PathComparison of(String path, MountTable here, MountTable host) {
    Optional<Mount> mine = here.covering(path);
    Optional<Mount> theirs = host.covering(path);
    Difference difference =
        mine.isEmpty() || theirs.isEmpty()
            ? Difference.UNKNOWN
            : difference(path, mine.get(), theirs.get(), host);
    return new PathComparison(path, mine, theirs, difference);
  }

  private static Difference difference(String path, Mount mine, Mount theirs, MountTable host) {
    if (isSameFile(path, mine, theirs)) {
      return mine.readOnly() == theirs.readOnly()
          ? Difference.NONE
          : mine.readOnly() ? Difference.READ_ONLY : Difference.WRITABLE;
    }
    if (isSameFile(mine.point(), mine, host.covering(mine.point()).orElseThrow())) {
      return Difference.MISSING;
    }
    if (mine.root().startsWith("/systemd/inaccessible/")) {
      return Difference.INACCESSIBLE;
    }
    if (mine.root().matches("(/.*)?/systemd-private-[0-9a-f]{32}-[^/]+/tmp")) {
      return Difference.PRIVATE_TMP;
    }
    return mine.type().equals("tmpfs") && mine.root().equals("/")
        ? Difference.EMPTY
        : Difference.OTHER;
  }

  private static boolean isSameFile(String path, Mount a, Mount b) {
    return a.device().equals(b.device()) && inFileSystem(path, a).equals(inFileSystem(path, b));
  }

  private static String inFileSystem(String path, Mount mount) {
    String below = mount.point().equals("/") ? path : path.substring(mount.point().length());
    String file = mount.root().equals("/") ? below : mount.root() + below;
    return file.endsWith("/") ? file.substring(0, file.length() - 1) : file;
  }

  boolean isSame() {
    return difference == Difference.NONE;
  }

  /** Answers whether the path's mount can be written to; its permissions are another matter. */
  boolean isWritable() {
    return here.isPresent() && !here.get().readOnly();
  }

  /** Says how the path is mounted here, e.g. read-only by mount /usr. */
  String text() {
    return text(here);
  }

  /** Says how the path is mounted for the host's first process. */
  String hostText() {
    return text(host);
  }

  private static String text(Optional<Mount> mount) {
    return mount
        .map(m -> (m.readOnly() ? "read-only" : "writable") + " by mount " + m.point())
        .orElse("by no mount that could be seen");
  }

  /** Says the difference in a word or two. */
  String differenceText() {
    return switch (difference) {
      case NONE -> "the same";
      case READ_ONLY -> "read-only";
      case WRITABLE -> "writable";
      case INACCESSIBLE -> "inaccessible";
      case PRIVATE_TMP -> "private";
      case MISSING -> "a mount is missing";
      case EMPTY -> "covered by a tmpfs";
      case OTHER -> "another directory";
      case UNKNOWN -> "not known";
    };
  }
}
