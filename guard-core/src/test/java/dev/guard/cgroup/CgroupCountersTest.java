package dev.guard.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.os.Cgroupfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The counters of a command's cgroup, read from files of v2 and of v1. */
class CgroupCountersTest {
  private static final Path CGROUP = Path.of("/sys/fs/cgroup/guard/cmd_1");
  private static final Path CPU = Path.of("/sys/fs/cgroup/cpu/guard/cmd_1");
  private static final Path MEMORY = Path.of("/sys/fs/cgroup/memory/guard/cmd_1");

  @TempDir private Path root;

  private void file(Path cgroup, String name, String text) throws IOException {
    Path directory = Files.createDirectories(root.resolve(Path.of("/").relativize(cgroup)));
    Files.writeString(directory.resolve(name), text + "\n");
  }

  private CgroupCounters counters(
      ControllerFiles files, List<Path> directories, Map<Controller, Path> limited) {
    return new CommandCgroup(
            new Cgroupfs(root), files, directories, limited, Map.of(), "", Optional.empty())
        .counters();
  }

  @Test
  void theFilesOfV2() throws IOException {
    file(CGROUP, "pids.peak", "7");
    file(CGROUP, "pids.events", "max 3");
    file(CGROUP, "memory.current", "4096");
    file(CGROUP, "memory.peak", "8192");
    file(CGROUP, "memory.events", "oom_kill 2");
    file(CGROUP, "cpu.stat", "usage_usec 1500");
    CgroupCounters counters =
        counters(
            ControllerFiles.V2,
            List.of(CGROUP),
            Map.of(Controller.PIDS, CGROUP, Controller.MEMORY, CGROUP));
    assertThat(counters.peakPids()).hasValue(7);
    assertThat(counters.forksRefused()).hasValue(3);
    assertThat(counters.memory()).hasValue(4096);
    assertThat(counters.peakMemory()).hasValue(8192);
    assertThat(counters.oomKills()).hasValue(2);
    assertThat(counters.cpuMicros()).hasValue(1500);
  }

  /** The file cpu.stat of v1 has no line for what was used, which is in another one. */
  @Test
  void theFilesOfV1() throws IOException {
    file(CPU, "cpu.stat", "nr_periods 0");
    file(CPU, "cpuacct.usage", "2000999");
    file(MEMORY, "memory.usage_in_bytes", "4096");
    file(MEMORY, "memory.max_usage_in_bytes", "8192");
    CgroupCounters counters = counters(ControllerFiles.V1, List.of(CPU, MEMORY), Map.of());
    assertThat(counters.cpuMicros()).hasValue(2000);
    assertThat(counters.memory()).hasValue(4096);
    assertThat(counters.peakMemory()).hasValue(8192);
  }

  @ParameterizedTest
  @CsvSource({"memory.current,many", "cpu.stat,usage_usec many"})
  void whatIsNoNumberIsAnErrorThatNamesTheFile(String name, String text) throws IOException {
    file(CGROUP, name, text);
    CgroupCounters counters = counters(ControllerFiles.V2, List.of(CGROUP), Map.of());
    assertThatThrownBy(
            () -> {
              counters.memory();
              counters.cpuMicros();
            })
        .isInstanceOf(IOException.class)
        .hasMessage(CGROUP.resolve(name) + " has no number: many");
  }

  @Test
  void whatNobodyCountsIsNot0() throws IOException {
    file(CGROUP, "cgroup.procs", "");
    CgroupCounters counters = counters(ControllerFiles.V2, List.of(CGROUP), Map.of());
    assertThat(counters.forksRefused()).isEmpty();
    assertThat(counters.peakPids()).isEmpty();
    assertThat(counters.oomKills()).isEmpty();
    assertThat(counters.memory()).isEmpty();
    assertThat(counters.peakMemory()).isEmpty();
    assertThat(counters.cpuMicros()).isEmpty();
  }
}
