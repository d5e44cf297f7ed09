package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows that a command that nests more cgroups than a process has descriptors takes nothing from
 * others, and that nothing of it stays. Needs root.
 */
@ExtendWith({NothingLeft.class, ReapLock.class})
class NestedCgroupsIT {
  private static final String NEST =
      "while IFS=: read -r n controllers path; do case $n:$controllers in *:pids) top=/sys/fs/cgroup/pids$path ;;"
          + " 0:) [ -n \"$top\" ] || top=/sys/fs/cgroup${path%/main} ;; esac; done </proc/self/cgroup;"
          + " cd \"$top\"; i=0; while [ $i -lt 300 ]; do mkdir n && cd -P n || exit 9; i=$((i + 1)); done;"
          + " echo $GUARD_ID >\"$dir/new\"; mv \"$dir/new\" \"$dir/id\"; exec sleep 300";

  private static final String FEW = "ulimit -n 256; \"$GUARD\" \"$@\"";

  @TempDir private Path directory;

  private static Finished withFewDescriptors(String... words) {
    return GuardProcess.script(FEW, words).run();
  }

  @Test
  void othersAreSeenAndEndedAndItIsToo() {
    Running nested =
        GuardProcess.script(FEW, "exec", "--", "sh", "-c", NEST)
            .with("dir", directory.toString())
            .start();
    Polling.until("it has nested", () -> Files.exists(directory.resolve("id")));
    String id = MachineRemains.text(directory.resolve("id")).strip();
    Finished reap = withFewDescriptors("reap", "--dry-run");
    assertThat(reap.exit()).as(reap.errors()).isZero();
    Finished other = withFewDescriptors("exec", "--", "true");
    assertThat(other.exit()).as(other.errors()).isZero();
    Finished stop = withFewDescriptors("stop", id);
    assertThat(stop.exit()).as(stop.errors()).isZero();
    nested.await();
    assertThat(MachineRemains.cgroups(id)).isEmpty();
  }
}
