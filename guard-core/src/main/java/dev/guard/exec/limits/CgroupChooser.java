package dev.guard.exec.limits;

import dev.guard.os.Cgroupfs;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.List;

/** Chooses the cgroup driver for this host from its mounts and this process's place in them. */
final class CgroupChooser {
  private CgroupChooser() {}

  static CgroupDriver choose(Procfs procfs, Cgroupfs fs, int pid) throws IOException {
    String mounts = procfs.text(pid, "mountinfo").orElse("");
    String membership = procfs.text(pid, "cgroup").orElse("");
    return choose(Hierarchy.parse(mounts, membership), fs, pid);
  }

  static CgroupDriver choose(List<Hierarchy> hierarchies, Cgroupfs fs, int pid) {
    boolean v1 =
        hierarchies.stream().anyMatch(h -> h.version() == 1 && h.controllers().contains("pids"));
    if (v1) {
      return new HybridDriver(fs, hierarchies);
    }
    return hierarchies.stream()
        .filter(h -> h.version() == 2)
        .findFirst()
        .<CgroupDriver>map(h -> new V2Driver(fs, h, pid))
        .orElse(new NoCgroups(fs, "no cgroup file system is mounted, see docs/cgroups.md"));
  }
}
