package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Names and makes the cgroups of Guard: the base guard/ below the cgroup that Guard is in, so that
 * no limit from outside is left, and in it guard/cmd_ID for each command.
 */
public final class BaseCgroup {
  private static final String NAME = "guard";
  private static final String COMMAND = "cmd_";
  private static final Path SELF = Path.of(NAME, "self");
  private static final String LEAF = "main";

  private BaseCgroup() {}

  /** Names the base below a cgroup. */
  static Path of(Path cgroup) {
    return cgroup.resolve(NAME);
  }

  /** Names the leaf that a Guard moves itself to where it is in the way of limits. */
  static Path selfLeaf(Path cgroup) {
    return cgroup.resolve(SELF);
  }

  /** Names the cgroup of the command with this id. */
  static Path place(Path cgroup, String id) {
    return of(cgroup).resolve(COMMAND + id);
  }

  /** Names the leaf of a command's v2 cgroup, where its processes are. */
  static Path leaf(Path command) {
    return command.resolve(LEAF);
  }

  /** Names the cgroup of the command whose processes are in {@code leaf}, if it is such a leaf. */
  static Optional<Path> ofLeaf(Path leaf) {
    Path above = leaf.getParent();
    return leaf.endsWith(LEAF) && isPlace(above) ? Optional.of(above) : Optional.empty();
  }

  /** Tells whether a path is, by its names, the cgroup of a command. */
  static boolean isPlace(Path path) {
    return path != null
        && path.getNameCount() >= 2
        && path.getFileName().toString().startsWith(COMMAND)
        && path.getParent().endsWith(NAME);
  }

  /** Reads the id of the innermost command that a cgroup belongs to from its path. */
  public static Optional<String> commandOf(Path path) {
    for (Path p = path; p != null; p = p.getParent()) {
      if (isPlace(p)) {
        return Optional.of(p.getFileName().toString().substring(COMMAND.length()));
      }
    }
    return Optional.empty();
  }

  /**
   * Names the cgroup below which a Guard in {@code self} has its base. A Guard that had moved to
   * its leaf has its base beside the leaf, and so has one that is a command of another Guard and in
   * that one's leaf.
   */
  static Path home(Path self) {
    if (self.endsWith(SELF)) {
      return self.getParent().getParent();
    }
    return ofLeaf(self).orElse(self);
  }

  /** Prepares the base before commands' cgroups are made in it. */
  @FunctionalInterface
  interface Preparation {
    void prepare(Path base) throws IOException;
  }

  /**
   * Makes the cgroup of a command, and the base where it is missing.
   *
   * @throws IOException when the kernel refuses one of the cgroups; then neither stays
   */
  static Path make(Cgroupfs fs, Path home, String id, Preparation preparation) throws IOException {
    Path cgroup = place(home, id);
    while (true) {
      try {
        if (!fs.has(of(home), "")) {
          fs.create(of(home));
        }
        preparation.prepare(of(home));
        fs.createNew(cgroup);
        return cgroup;
      } catch (NoSuchFileException e) {
        // Another guard that ended removed the empty base between the two steps.
        Thread.onSpinWait();
      } catch (IOException e) {
        // The base was made for nothing; it is busy while another command is in it.
        fs.remove(of(home));
        throw e;
      }
    }
  }
}
