package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import java.util.List;
import java.util.Set;

/** Chooses the cgroup driver for this host from its mounts and this process's place in them. */
public final class CgroupChooser {
  private CgroupChooser() {}

  /**
   * Chooses the driver, which has arranged nothing yet.
   *
   * @param hierarchies the mounted hierarchies, with the places of this process
   * @param own the processes of Guard that may have to make room
   * @param wanted the controllers that limits are asked of
   */
  public static CgroupDriver choose(
      List<Hierarchy> hierarchies, Cgroupfs fs, Set<Integer> own, Set<Controller> wanted) {
    boolean v1 =
        hierarchies.stream().anyMatch(h -> h.version() == 1 && h.controllers().contains("pids"));
    if (v1) {
      return new HybridDriver(fs, hierarchies);
    }
    return hierarchies.stream()
        .filter(h -> h.version() == 2)
        .findFirst()
        .<CgroupDriver>map(h -> V2Driver.here(fs, h, own, wanted))
        .orElse(
            new NoCgroups(
                fs,
                "no cgroup file system is mounted that shows the cgroup of this process, see docs/cgroups.md"));
  }
}
