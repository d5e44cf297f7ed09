package dev.guard.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Cgroupfs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupChooserTest {
  private static final int PID = 4711;
  private static final Set<Controller> PIDS = Set.of(Controller.PIDS);

  @TempDir Path root;
  private Cgroupfs fs;

  @BeforeEach
  void cgroupsOnDisk() {
    fs = new Cgroupfs(root.resolve("cgroups"));
  }

  private CgroupDriver choose(String mountinfo, String membership) {
    return CgroupChooser.choose(Hierarchy.parse(mountinfo, membership), fs, Set.of(PID), PIDS);
  }

  @Test
  void theV1PidsControllerBesideAV2TreeIsHybrid() throws IOException {
    assertThat(choose(MountTables.HYBRID, MountTables.HYBRID_MEMBERSHIP).name())
        .isEqualTo("hybrid");
  }

  @Test
  void theV1PidsControllerAloneIsV1() throws IOException {
    assertThat(choose(MountTables.V1, MountTables.V1_MEMBERSHIP).name()).isEqualTo("v1");
  }

  @Test
  void oneV2TreeIsV2() throws IOException {
    assertThat(choose(MountTables.V2, MountTables.V2_MEMBERSHIP).name()).isEqualTo("v2");
  }

  @Test
  void withoutCgroupsTheReasonIsGiven() throws IOException {
    CgroupDriver none = choose(MountTables.NONE, "");
    assertThat(none.name()).isEqualTo("none");
    assertThat(none.supports(Controller.PIDS).available()).isFalse();
    assertThat(none.supports(Controller.PIDS).reason())
        .contains("no cgroup file system is mounted");
    CommandCgroup cgroup = none.create("1", PIDS);
    assertThat(cgroup.exists()).isFalse();
    assertThat(cgroup.limited(Controller.PIDS)).isEmpty();
  }

  @Test
  void aCgroupIsMadeInTheHierarchyOfTheLimitAndInTheOneThatKills() throws IOException {
    Path pids = Path.of("/sys/fs/cgroup/pids");
    Path unified = Path.of("/sys/fs/cgroup/unified");
    fs.create(pids);
    fs.create(unified);
    fs.create(Path.of("/sys/fs/cgroup/memory/jobs/one"));
    CgroupDriver hybrid = choose(MountTables.HYBRID, MountTables.HYBRID_MEMBERSHIP);
    CommandCgroup cgroup = hybrid.create("1", PIDS);
    assertThat(cgroup.directories())
        .isEqualTo(List.of(pids.resolve("guard/cmd_1"), unified.resolve("guard/cmd_1")));
    assertThat(cgroup.directories()).allMatch(d -> fs.has(d, ""));
    assertThat(cgroup.limited(Controller.PIDS)).contains(pids.resolve("guard/cmd_1"));
    assertThat(fs.has(Path.of("/sys/fs/cgroup/memory/jobs/one/guard"), "")).isFalse();
  }

  @Test
  void aLimitThatIsNotAskedForMakesNoCgroupInItsHierarchy() throws IOException {
    fs.create(Path.of("/sys/fs/cgroup/pids"));
    fs.create(Path.of("/sys/fs/cgroup/unified"));
    CommandCgroup cgroup =
        choose(MountTables.HYBRID, MountTables.HYBRID_MEMBERSHIP).create("1", Set.of());
    assertThat(cgroup.directories()).containsExactly(Path.of("/sys/fs/cgroup/unified/guard/cmd_1"));
    assertThat(cgroup.limited(Controller.PIDS)).isEqualTo(Optional.empty());
    assertThat(fs.has(Path.of("/sys/fs/cgroup/pids/guard"), "")).isFalse();
  }

  @Test
  void aCgroupIsMadeBelowTheOneGuardIsIn() throws IOException {
    Path self = Path.of("/sys/fs/cgroup/pids/user.slice/user-1000.slice");
    fs.create(self);
    CgroupDriver v1 = choose(MountTables.V1, MountTables.V1_MEMBERSHIP);
    assertThat(v1.supports(Controller.PIDS).available()).isTrue();
    assertThat(v1.create("1", PIDS).directories()).containsExactly(self.resolve("guard/cmd_1"));
  }

  @Test
  void aHierarchyThatMayNotBeWrittenIsAReason() throws IOException {
    CgroupDriver v1 = choose(MountTables.V1, MountTables.V1_MEMBERSHIP);
    assertThat(v1.supports(Controller.PIDS).available()).isFalse();
    assertThat(v1.supports(Controller.PIDS).reason())
        .startsWith("/sys/fs/cgroup/pids/user.slice/user-1000.slice is not writable");
  }

  @Test
  void controllersThatShareAHierarchyShareACgroup() throws IOException {
    Path cpu = Path.of("/sys/fs/cgroup/cpu,cpuacct/user.slice");
    fs.create(cpu);
    CommandCgroup cgroup =
        choose(MountTables.V1, MountTables.V1_MEMBERSHIP).create("1", Set.of(Controller.CPU));
    assertThat(cgroup.directories()).containsExactly(cpu.resolve("guard/cmd_1"));
    assertThat(cgroup.limited(Controller.CPU)).contains(cpu.resolve("guard/cmd_1"));
  }

  @Test
  void whereNothingKillsAsAWholeTheFreezerIsUsed() throws IOException {
    Path freezer = Path.of("/sys/fs/cgroup/freezer");
    fs.create(freezer);
    CgroupDriver v1 =
        choose(
            MountTables.V1
                + "33 31 0:31 / /sys/fs/cgroup/freezer rw,nosuid - cgroup cgroup rw,freezer\n",
            MountTables.V1_MEMBERSHIP + "2:freezer:/\n");
    assertThat(v1.places("1")).contains(freezer.resolve("guard/cmd_1"));
    assertThat(v1.create("1", Set.of()).directories())
        .containsExactly(freezer.resolve("guard/cmd_1"));
  }

  @Test
  void aControllerThatIsNotMountedIsAReason() {
    assertThat(
            choose(MountTables.V1, MountTables.V1_MEMBERSHIP).supports(Controller.MEMORY).reason())
        .startsWith("no v1 hierarchy with the memory controller is mounted");
  }
}
