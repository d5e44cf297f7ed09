package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where commands' cgroups are: guard/cmd_ID below the cgroup that Guard is in, so that no limit
 * from outside is left.
 */
public final class Base {
  private static final String NAME = "guard";
  private static final String COMMAND = "cmd_";
  private static final Path SELF = Path.of(NAME, "self");

  private Base() {}

  static Path of(Path cgroup) {
    return cgroup.resolve(NAME);
  }

  /** The leaf that a Guard moves itself to where it is in the way. */
  static Path selfLeaf(Path cgroup) {
    return cgroup.resolve(SELF);
  }

  /** The cgroup of the command with this id. */
  static Path place(Path cgroup, String id) {
    return of(cgroup).resolve(COMMAND + id);
  }

  /** Whether a path is, by its names, the cgroup of a command. */
  static boolean isPlace(Path path) {
    return path != null
        && path.getNameCount() >= 2
        && path.getFileName().toString().startsWith(COMMAND)
        && path.getParent().endsWith(NAME);
  }

  /** The id of the innermost command that a cgroup belongs to, by its path. */
  public static Optional<String> commandOf(Path path) {
    for (Path p = path; p != null; p = p.getParent()) {
      if (isPlace(p)) {
        return Optional.of(p.getFileName().toString().substring(COMMAND.length()));
      }
    }
    return Optional.empty();
  }

  /**
   * The cgroup below which a Guard in {@code self} has its base. One that had moved to its leaf has
   * it beside the leaf, and so has one that is a command of another Guard and in that one's leaf.
   */
  static Path home(Path self) {
    if (self.endsWith(SELF)) {
      return self.getParent().getParent();
    }
    return CommandCgroup.ofLeaf(self).orElse(self);
  }

  /** What the base needs before commands' cgroups are made in it. */
  @FunctionalInterface
  interface Preparation {
    void prepare(Path base) throws IOException;
  }

  static Path make(Cgroupfs fs, Path home, String id, Preparation preparation) throws IOException {
    Path cgroup = place(home, id);
    while (true) {
      try {
        fs.create(of(home));
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
