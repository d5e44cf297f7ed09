package dev.guard.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Procfs;
import dev.guard.os.Signals;
import dev.guard.os.WaitStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows whose processor time counts: here two processes with 30 ticks each, so 0.6 s. */
class CpuTimeUsedTest {
  private static final Set<Integer> TREE = Set.of(7, 8);

  @TempDir private Path root;

  private CpuTimeUsed limit(long millis) throws IOException {
    for (int pid : TREE) {
      Path process = Files.createDirectories(root.resolve("proc/" + pid));
      Files.writeString(
          process.resolve("stat"),
          pid + " (x) S 1 7 7 0 0 4194304 0 0 0 0 10 10 5 5 0 0 1 0 9 0 0\n");
    }
    CommandCgroup cgroup =
        CommandCgroup.in(new Cgroupfs(root), List.of(Path.of("/pids/cmd_1"), Path.of("/v2/cmd_1")));
    return new CpuTimeUsed(new Procfs(root.resolve("proc")), cgroup, Duration.ofMillis(millis));
  }

  private void cgroupCounts(long micros) throws IOException {
    Files.createDirectories(root.resolve("pids/cmd_1"));
    Path unified = Files.createDirectories(root.resolve("v2/cmd_1"));
    Files.writeString(unified.resolve("cpu.stat"), "usage_usec " + micros + "\nuser_usec 0\n");
  }

  @Test
  void withoutACgroupItIsThatOfTheProcessesTogether() throws IOException {
    assertThat(limit(600).isAll(TREE)).isTrue();
    assertThat(limit(601).isAll(TREE)).isFalse();
  }

  @Test
  void aCgroupCountsAlsoThoseThatHaveEnded() throws IOException {
    cgroupCounts(5_000_000);
    assertThat(limit(5000).isAll(TREE)).isTrue();
    assertThat(limit(5001).isAll(TREE)).isFalse();
  }

  @Test
  void theKernelsEndOfTheMainProcessIsToldFromOtherSignals() throws IOException {
    CpuTimeUsed limit = limit(1000);
    assertThat(limit.hasEnded(new WaitStatus(-1, Signals.XCPU, 1_000_000, 0))).isTrue();
    assertThat(limit.hasEnded(new WaitStatus(-1, Signals.KILL, 1_500_000, 0))).isTrue();
    assertThat(limit.hasEnded(new WaitStatus(-1, Signals.XCPU, 900_000, 0))).isFalse();
    assertThat(limit.hasEnded(new WaitStatus(-1, Signals.TERM, 1_500_000, 0))).isFalse();
    assertThat(limit.hasEnded(new WaitStatus(0, 0, 1_500_000, 0))).isFalse();
  }
}
