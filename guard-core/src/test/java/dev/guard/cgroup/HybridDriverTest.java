package dev.guard.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.os.Cgroupfs;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lets hierarchies on disk refuse, where the kernel would say EROFS, ENOSPC or EBUSY. */
class HybridDriverTest {
  private static final Path PIDS = Path.of("/sys/fs/cgroup/pids");
  private static final Path UNIFIED = Path.of("/sys/fs/cgroup/unified");
  private static final Path MEMORY = Path.of("/sys/fs/cgroup/memory/jobs/one");
  private static final Path CGROUP = Path.of("guard/cmd_1");
  private static final int PID = 7;

  @TempDir private Path root;
  private Cgroupfs fs;

  @BeforeEach
  void hierarchies() throws IOException {
    fs = new Cgroupfs(root);
    for (Path hierarchy : Set.of(PIDS, UNIFIED, MEMORY)) {
      fs.create(hierarchy);
    }
  }

  private Path onDisk(Path cgroup) {
    return root.resolve(Path.of("/").relativize(cgroup));
  }

  private CommandCgroup create() throws IOException {
    CgroupDriver driver =
        CgroupChooser.choose(
            Hierarchy.parse(MountTables.HYBRID, MountTables.HYBRID_MEMBERSHIP),
            fs,
            Set.of(PID),
            Set.of(Controller.PIDS, Controller.MEMORY));
    return driver.create("1", Set.of(Controller.PIDS, Controller.MEMORY));
  }

  private void assertOnlyMemoryIsMissing(CommandCgroup cgroup) {
    assertThat(cgroup.directories()).containsExactly(PIDS.resolve(CGROUP), UNIFIED.resolve(CGROUP));
    assertThat(cgroup.limited(Controller.PIDS)).contains(PIDS.resolve(CGROUP));
    assertThat(cgroup.problem(Controller.PIDS)).isEmpty();
    assertThat(cgroup.limited(Controller.MEMORY)).isEmpty();
    assertThat(cgroup.problem(Controller.MEMORY)).contains(MEMORY.toString());
  }

  @Test
  void aHierarchyWithoutRoomForTheCgroupTakesNothingFromTheOthers() throws IOException {
    Files.createFile(onDisk(MEMORY).resolve("guard"));
    assertOnlyMemoryIsMissing(create());
  }

  @Test
  void aHierarchyThatDoesNotTakeTheProcessIsLeftOutAndItsCgroupRemoved() throws IOException {
    CommandCgroup cgroup = create();
    assertThat(cgroup.directories()).contains(MEMORY.resolve(CGROUP));
    takes(PIDS);
    takes(UNIFIED);
    cgroup.join(PID, process());
    assertOnlyMemoryIsMissing(cgroup);
    assertThat(fs.has(MEMORY.resolve("guard"), "")).isFalse();
  }

  /** Whoever made the cgroup removes it; without one nothing would be limited. */
  @Test
  void thatNoneTakesTheProcessIsAnError() throws IOException {
    CommandCgroup cgroup = create();
    assertThatThrownBy(() -> cgroup.join(PID, process())).isInstanceOf(IOException.class);
    assertThat(cgroup.remove()).isEmpty();
    assertThat(fs.subtree(Path.of("/sys/fs/cgroup"))).noneMatch(c -> c.endsWith("guard"));
  }

  /** Writes the list of processes, which the kernel does when one is moved. */
  private void takes(Path hierarchy) throws IOException {
    Files.createFile(onDisk(hierarchy.resolve(CGROUP)).resolve("cgroup.procs"));
  }

  private Procfs process() throws IOException {
    Path process = Files.createDirectories(root.resolve("proc").resolve(Integer.toString(PID)));
    Files.writeString(
        process.resolve("stat"), PID + " (x) S 1 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 9 0 0\n");
    Files.writeString(process.resolve("cgroup"), "8:pids:/guard/cmd_1\n0::/guard/cmd_1\n");
    return new Procfs(root.resolve("proc"));
  }
}
