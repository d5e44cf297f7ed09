package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Shows that one v1 hierarchy that makes no cgroup takes away its own limit alone. Needs root and
 * v1.
 */
@ExtendWith(NothingLeft.class)
@Needs("unshare")
class RefusedHierarchyIT {
  @Test
  void onlyItsLimitIsDegradedAndNoCgroupStays() throws Exception {
    Path base = Path.of("/sys/fs/cgroup/cpu" + ownCgroup("cpu")).resolve("guard");
    assumeTrue(Files.isDirectory(base.getParent()), "the cpu controller is not on v1 here");
    Path busy = base.resolve("it" + System.nanoTime());
    // Another guard that ends must not remove it.
    Files.createDirectories(busy);
    try {
      Reported r =
          Reported.exec(
              call ->
                  call.through(
                      "unshare",
                      "-m",
                      "sh",
                      "-c",
                      "mount -t tmpfs -o ro none \"$0\" && exec \"$@\"",
                      base.toString()),
              "--cpu-max",
              "1.5",
              "--",
              "true");
      assertThat(r.finished().exit()).isZero();
      assertThat(r.layer("pids").get("state").getAsString()).isEqualTo("active");
      assertThat(r.layer("cpu").get("state").getAsString()).isEqualTo("degraded");
      assertThat(r.layer("cpu").get("detail").getAsString()).contains("Read-only file system");
      assertThat(MachineRemains.cgroups(r.id())).isEmpty();
    } finally {
      Files.delete(busy);
      // Others may be in it.
      base.toFile().delete();
    }
  }

  private static String ownCgroup(String controller) {
    return MachineRemains.text(Path.of("/proc/self/cgroup"))
        .lines()
        .filter(l -> l.contains(":" + controller + ":"))
        .map(l -> l.split(":", 3)[2])
        .findFirst()
        .orElse("/none");
  }
}
