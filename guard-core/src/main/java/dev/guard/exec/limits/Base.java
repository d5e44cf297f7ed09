package dev.guard.exec.limits;

import dev.guard.os.Cgroupfs;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Where commands' cgroups are: guard/cmd_ID below the cgroup that Guard is in, so that no limit
 * from outside is left.
 */
final class Base {
  private Base() {}

  static Path of(Path self) {
    return self.resolve("guard");
  }

  /** The cgroup of the command with this id. */
  static Path place(Path self, String id) {
    return of(self).resolve("cmd_" + id);
  }

  /** What the base needs before commands' cgroups are made in it. */
  @FunctionalInterface
  interface Preparation {
    void prepare(Path base) throws IOException;
  }

  static Path make(Cgroupfs fs, Path self, String id, Preparation preparation) throws IOException {
    Path cgroup = place(self, id);
    while (true) {
      try {
        fs.create(of(self));
        preparation.prepare(of(self));
        fs.createNew(cgroup);
        return cgroup;
      } catch (NoSuchFileException e) {
        // Another guard that ended removed the empty base between the two steps.
        Thread.onSpinWait();
      }
    }
  }
}
