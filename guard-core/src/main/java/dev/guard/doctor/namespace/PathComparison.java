package dev.guard.doctor.namespace;

import dev.guard.os.Mount;
import java.util.Optional;

/**
 * What a path is in a namespace, against what it is for the host's first process.
 *
 * @param here the mount that it leads to; empty when the process's root directory is no mount
 */
record PathComparison(
    String path, Optional<Mount> here, Optional<Mount> host, Difference difference) {
  /** How the two differ. */
  enum Difference {
    /** The same directory, as writable. */
    NONE,
    /** The same directory, which is writable for the first process only. */
    READ_ONLY,
    /** The same directory, which is read-only for the first process. */
    WRITABLE,
    /** Nobody may enter it: systemd has put an empty directory over it. */
    INACCESSIBLE,
    /** A directory in /tmp that systemd has made for one unit. */
    PRIVATE_TMP,
    /** The first process has a mount there, or above, that is not here. */
    MISSING,
    /** An empty file system in memory has been put over it. */
    EMPTY,
    /** Something else. */
    OTHER,
    /** It can not be known. */
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

  /** Whether its mount can be written to; what its permissions allow is another matter. */
  boolean isWritable() {
    return here.isPresent() && !here.get().readOnly();
  }

  /** E.g. read-only by mount /usr. */
  String text() {
    return text(here);
  }

  /** The same for the host's first process. */
  String hostText() {
    return text(host);
  }

  private static String text(Optional<Mount> mount) {
    return mount
        .map(m -> (m.readOnly() ? "read-only" : "writable") + " by mount " + m.point())
        .orElse("by no mount that could be seen");
  }

  /** In a word or two. */
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
