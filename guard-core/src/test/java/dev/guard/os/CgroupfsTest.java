package dev.guard.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupfsTest {
  private static final int LEVELS = 200;
  private static final Path CGROUP = Path.of("/sys/fs/cgroup/guard/cmd_1");

  @TempDir Path root;
  private Cgroupfs fs;

  @BeforeEach
  void cgroupsOnDisk() throws IOException {
    fs = new Cgroupfs(root);
    fs.create(CGROUP);
  }

  private Path onDisk(String file) {
    return root.resolve("sys/fs/cgroup/guard/cmd_1").resolve(file);
  }

  @Test
  void aFileIsReadWithoutItsLastNewlineAndWrittenWhereItIs() throws IOException {
    Files.writeString(onDisk("pids.max"), "max\n");
    assertThat(fs.read(CGROUP, "pids.max")).isEqualTo("max");
    fs.write(CGROUP, "pids.max", "100\n");
    assertThat(Files.readString(onDisk("pids.max"))).isEqualTo("100\n");
  }

  @Test
  void aFileThatTheKernelDoesNotHaveIsNotMade() {
    assertThatThrownBy(() -> fs.write(CGROUP, "pids.max", "1"))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(onDisk("pids.max")).doesNotExist();
  }

  @Test
  void aFailedWriteNamesValueAndPath() throws IOException {
    Files.createDirectory(onDisk("pids.max"));
    assertThatThrownBy(() -> fs.write(CGROUP, "pids.max", "17"))
        .hasMessageContaining("write 17 to " + onDisk("pids.max"));
  }

  @Test
  void processesAreNumbersOneALine() throws IOException {
    Files.writeString(onDisk("cgroup.procs"), "1\n22\n4194303\n");
    assertThat(fs.processes(CGROUP)).containsExactly(1, 22, 4194303);
  }

  @Test
  void aCgroupThatHasGoneHasNoProcessesAndNoSubtree() throws IOException {
    Path gone = CGROUP.resolve("gone");
    assertThat(fs.processes(gone)).isEmpty();
    assertThat(fs.subtree(gone)).isEmpty();
    assertThat(fs.remove(gone)).isTrue();
  }

  @Test
  void processesThatCanNotBeReadAreAnErrorAndNotNone() throws IOException {
    Files.createDirectory(onDisk("cgroup.procs"));
    assertThatThrownBy(() -> fs.processes(CGROUP)).isInstanceOf(IOException.class);
  }

  @Test
  void aSubtreeIsGivenDeepestFirst() throws IOException {
    fs.create(CGROUP.resolve("a/b"));
    fs.create(CGROUP.resolve("c"));
    Files.writeString(onDisk("cgroup.procs"), "");
    List<Path> subtree = fs.subtree(CGROUP);
    assertThat(subtree)
        .containsExactlyInAnyOrder(
            CGROUP, CGROUP.resolve("a"), CGROUP.resolve("a/b"), CGROUP.resolve("c"));
    assertThat(subtree).endsWith(CGROUP);
    assertThat(subtree.indexOf(CGROUP.resolve("a/b")))
        .isLessThan(subtree.indexOf(CGROUP.resolve("a")));
  }

  /** A command may nest cgroups deeper than Guard has descriptors. */
  @Test
  void aDeepSubtreeTakesNoMoreDescriptorsThanAFlatOne() throws IOException {
    Path deepest = CGROUP;
    for (int level = 0; level < LEVELS; level++) {
      deepest = deepest.resolve("n");
    }
    fs.create(deepest);
    Os os = Os.linux();
    LimitCalls.Limit limit = os.openFiles(os.pid());
    int few = new File("/proc/self/fd").list().length + LEVELS / 2;
    os.setOpenFiles(os.pid(), new LimitCalls.Limit(few, limit.hard()));
    try {
      assertThat(fs.subtree(CGROUP)).hasSize(LEVELS + 1).startsWith(deepest).endsWith(CGROUP);
    } finally {
      os.setOpenFiles(os.pid(), limit);
    }
  }

  @Test
  void whatIsStillThereWasNotRemoved() throws IOException {
    Files.writeString(onDisk("x"), "");
    assertThat(fs.remove(CGROUP)).isFalse();
    Files.delete(onDisk("x"));
    assertThat(fs.remove(CGROUP)).isTrue();
    assertThat(fs.has(CGROUP, "")).isFalse();
  }

  @Test
  void countersAreKeysAndValues() throws IOException {
    Files.writeString(onDisk("pids.events"), "max 12\nmax.imposed 3\n");
    assertThat(fs.counters(CGROUP, "pids.events")).isEqualTo(Map.of("max", 12L, "max.imposed", 3L));
  }

  @Test
  void aNumberMayBeMissingOrWithoutLimit() throws IOException {
    assertThat(fs.number(CGROUP, "pids.peak")).isEmpty();
    Files.writeString(onDisk("pids.peak"), "7\n");
    assertThat(fs.number(CGROUP, "pids.peak")).hasValue(7);
    Files.writeString(onDisk("pids.max"), "max\n");
    assertThat(fs.number(CGROUP, "pids.max")).isEmpty();
  }

  @Test
  void aNewCgroupMustBeNew() {
    assertThatThrownBy(() -> fs.createNew(CGROUP)).isInstanceOf(IOException.class);
  }
}
