package dev.guard.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.os.Cgroupfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Shows which files get which text, and how their text is understood. Plain files keep what is
 * written.
 */
class ControllerFilesTest {
  private static final Path CGROUP = Path.of("/sys/fs/cgroup/guard/cmd_1");
  private static final CgroupLimits ALL =
      new CgroupLimits(Optional.of(64L), Optional.of(64L << 20), Optional.of(1.5));

  @TempDir Path root;
  private Cgroupfs fs;

  @BeforeEach
  void cgroupOnDisk() throws IOException {
    fs = new Cgroupfs(root);
    fs.create(CGROUP);
    fs.create(Path.of("/proc"));
    Files.writeString(root.resolve("proc/swaps"), "Filename\tType\tSize\tUsed\tPriority\n");
  }

  private void files(String... names) throws IOException {
    for (String name : names) {
      Files.writeString(root.resolve(Path.of("/").relativize(CGROUP)).resolve(name), "");
    }
  }

  private String set(ControllerFiles files, Controller controller) throws IOException {
    return files.set(fs, CGROUP, controller, ALL);
  }

  @Test
  void memoryOfV2IsBoundedWithItsSwapAndGoesAsAWhole() throws IOException {
    files("memory.max", "memory.swap.max", "memory.oom.group");
    assertThat(set(ControllerFiles.V2, Controller.MEMORY))
        .isEqualTo("memory.max 67108864, memory.swap.max 0");
    assertThat(fs.read(CGROUP, "memory.oom.group")).isEqualTo("1");
    CgroupLimits one = new CgroupLimits(ALL.tasks(), ALL.memory(), ALL.cores(), true);
    ControllerFiles.V2.set(fs, CGROUP, Controller.MEMORY, one);
    assertThat(fs.read(CGROUP, "memory.oom.group")).isEqualTo("0");
  }

  @Test
  void whereSwapIsNotCountedThereMustBeNone() throws IOException {
    files("memory.max");
    assertThat(set(ControllerFiles.V2, Controller.MEMORY)).endsWith("no swap");
    Files.writeString(root.resolve("proc/swaps"), "Filename\n/swap file 307196 0 -2\n");
    assertThatThrownBy(() -> set(ControllerFiles.V2, Controller.MEMORY))
        .hasMessageContaining("does not count swap");
  }

  @Test
  void memoryOfV1IsBoundedWithItsSwap() throws IOException {
    files("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.swappiness");
    assertThat(set(ControllerFiles.V1, Controller.MEMORY))
        .isEqualTo("memory.limit_in_bytes 67108864, memory.memsw.limit_in_bytes 67108864");
  }

  @Test
  void memoryOfV1DoesNotGoToSwapWhereThatIsNotCounted() throws IOException {
    files("memory.limit_in_bytes", "memory.swappiness");
    assertThat(set(ControllerFiles.V1, Controller.MEMORY)).endsWith(", memory.swappiness 0");
  }

  @Test
  void tasksAndProcessorTime() throws IOException {
    files("pids.max", "cpu.max", "cpu.cfs_period_us", "cpu.cfs_quota_us");
    assertThat(set(ControllerFiles.V2, Controller.PIDS)).isEqualTo("pids.max 64");
    assertThat(set(ControllerFiles.V2, Controller.CPU)).isEqualTo("cpu.max 150000 100000");
    assertThat(set(ControllerFiles.V1, Controller.CPU))
        .isEqualTo("cpu.cfs_quota_us 150000 of 100000");
  }

  @ParameterizedTest
  @CsvSource({"V2, PIDS, pids.max", "V2, MEMORY, memory.max", "V1, CPU, cpu.cfs_quota_us"})
  void aLimitThatReadsBackOtherwiseIsAnError(
      ControllerFiles version, Controller controller, String file) throws IOException {
    files("cpu.cfs_period_us", "memory.swap.max");
    // Takes what is written, and shows nothing of it.
    Path limit = root.resolve(Path.of("/").relativize(CGROUP)).resolve(file);
    Files.createSymbolicLink(limit, Path.of("/dev/null"));
    assertThatThrownBy(() -> set(version, controller))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file + " reads back ");
  }

  @Test
  void aFileThatTheKernelLacksIsAnError() {
    assertThatThrownBy(() -> set(ControllerFiles.V2, Controller.CPU))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cpu.max");
  }

  @Test
  void aQuotaStaysWithinWhatTheKernelTakes() {
    assertThat(ControllerFiles.Quota.of(0.5)).isEqualTo(new ControllerFiles.Quota(50_000, 100_000));
    assertThat(ControllerFiles.Quota.of(0.005))
        .isEqualTo(new ControllerFiles.Quota(5_000, 1_000_000));
    assertThat(ControllerFiles.Quota.of(0.0001))
        .isEqualTo(new ControllerFiles.Quota(1_000, 1_000_000));
  }

  @Test
  void refusedTasksAreCountedOnceWhereTheKernelCountsThemForThoseAboveToo() throws IOException {
    files("pids.events", "pids.events.local");
    write(CGROUP, "pids.events", "max 5\n");
    write(CGROUP, "pids.events.local", "max 2\n");
    fs.create(CGROUP.resolve("main"));
    write(CGROUP.resolve("main"), "pids.events", "max 3\n");
    write(CGROUP.resolve("main"), "pids.events.local", "max 3\n");
    assertThat(ControllerFiles.V2.forksRefused(fs, CGROUP)).hasValue(5);
  }

  @Test
  void whatAGuardInsideTheCommandHasLimitedIsNotItsOwn() throws IOException {
    Path inner = CGROUP.resolve("guard/cmd_2");
    fs.create(inner);
    files("memory.events", "memory.events.local", "pids.events.local");
    write(CGROUP, "memory.events", "oom 1\noom_kill 3\n");
    write(CGROUP, "memory.events.local", "oom 0\noom_kill 0\n");
    write(inner, "memory.events.local", "oom 1\noom_kill 3\n");
    write(inner, "memory.oom_control", "oom_kill 3\n");
    write(inner, "pids.events.local", "max 7\n");
    assertThat(ControllerFiles.V2.oomKills(fs, CGROUP)).hasValue(0);
    assertThat(ControllerFiles.V1.oomKills(fs, CGROUP)).hasValue(0);
    assertThat(ControllerFiles.V2.forksRefused(fs, CGROUP)).hasValue(0);
    write(CGROUP, "memory.events.local", "oom 1\noom_kill 0\n");
    assertThat(ControllerFiles.V2.oomKills(fs, CGROUP)).as("its own limit").hasValue(3);
  }

  @Test
  void whatTheKernelKilledForMemory() throws IOException {
    assertThat(ControllerFiles.V2.oomKills(fs, CGROUP)).isEqualTo(OptionalLong.empty());
    write(CGROUP, "memory.events", "low 0\noom 1\noom_kill 2\noom_group_kill 1\n");
    assertThat(ControllerFiles.V2.oomKills(fs, CGROUP)).hasValue(2);
    fs.create(CGROUP.resolve("below"));
    write(CGROUP, "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
    write(CGROUP.resolve("below"), "memory.oom_control", "oom_kill 1\n");
    assertThat(ControllerFiles.V1.oomKills(fs, CGROUP)).hasValue(2);
  }

  private void write(Path cgroup, String file, String text) throws IOException {
    Files.writeString(root.resolve(Path.of("/").relativize(cgroup)).resolve(file), text);
  }
}
