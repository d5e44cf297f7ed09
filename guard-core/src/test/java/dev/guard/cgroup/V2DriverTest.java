package dev.guard.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.os.Cgroupfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows how the v2 driver decides on a tree of plain files. These keep what is written and do
 * nothing, like a kernel that ignores a write; what a kernel does is shown by integration tests.
 */
class V2DriverTest {
  private static final int GUARD = 4711;
  private static final Path MOUNT = Path.of("/sys/fs/cgroup");
  private static final Set<Controller> PIDS = Set.of(Controller.PIDS);
  private static final Path SELF = MOUNT.resolve("unit.service");

  @TempDir Path root;
  private Cgroupfs fs;

  @BeforeEach
  void cgroupsOnDisk() {
    fs = new Cgroupfs(root);
  }

  private void cgroup(Path cgroup, String controllers, String enabled, String processes)
      throws IOException {
    fs.create(cgroup);
    file(cgroup, "cgroup.controllers", controllers);
    file(cgroup, "cgroup.subtree_control", enabled);
    file(cgroup, "cgroup.procs", processes);
    file(cgroup, "cgroup.type", "domain\n");
  }

  private void file(Path cgroup, String name, String text) throws IOException {
    Files.writeString(onDisk(cgroup).resolve(name), text);
  }

  private Path onDisk(Path cgroup) {
    return root.resolve(Path.of("/").relativize(cgroup));
  }

  private V2Driver driverIn(Path self) {
    V2Driver driver = lookFrom(self);
    driver.prepare();
    return driver;
  }

  private V2Driver lookFrom(Path self) {
    return V2Driver.here(fs, new Hierarchy(2, Set.of(), MOUNT, false, self), Set.of(GUARD), PIDS);
  }

  @Test
  void aControllerThatIsEnabledBelowIsUsedAndNobodyIsMoved() throws IOException {
    cgroup(SELF, "cpu memory pids\n", "memory pids\n", GUARD + "\n");
    assertThat(driverIn(SELF).supports(Controller.PIDS)).isEqualTo(CgroupDriver.Support.YES);
    assertThat(fs.has(SELF.resolve("guard"), "")).isFalse();
    assertThat(fs.read(SELF, "cgroup.subtree_control")).isEqualTo("memory pids");
  }

  @Test
  void aControllerThatIsNotDelegatedIsAReason() throws IOException {
    cgroup(SELF, "cpu memory\n", "", GUARD + "\n");
    CgroupDriver.Support pids = driverIn(SELF).supports(Controller.PIDS);
    assertThat(pids.available()).isFalse();
    assertThat(pids.reason()).startsWith("the pids controller is not delegated to " + SELF);
    assertThat(fs.read(SELF, "cgroup.subtree_control")).isEmpty();
  }

  @Test
  void aCgroupThatMayNotBeWrittenIsAReason() throws IOException {
    fs.create(SELF);
    V2Driver driver = driverIn(SELF);
    assertThat(driver.supports(Controller.PIDS).available()).isFalse();
    assertThat(driver.supports(Controller.PIDS).reason()).startsWith(SELF + " is not writable");
    assertThat(driver.create("1", Set.of()).exists()).isFalse();
  }

  @Test
  void whereGuardIsAloneItMovesToALeafAndEnablesTheController() throws IOException {
    cgroup(SELF, "pids\n", "", GUARD + "\n");
    cgroup(SELF.resolve("guard/self"), "", "", "");
    driverIn(SELF);
    assertThat(fs.read(SELF.resolve("guard/self"), "cgroup.procs"))
        .isEqualTo(Integer.toString(GUARD));
    assertThat(fs.read(SELF, "cgroup.subtree_control")).isEqualTo("+pids");
  }

  @Test
  void toLookChangesNothing() throws IOException {
    cgroup(SELF, "pids\n", "", GUARD + "\n");
    cgroup(SELF.resolve("guard/self"), "", "", "");
    assertThat(lookFrom(SELF).supports(Controller.PIDS)).isEqualTo(CgroupDriver.Support.YES);
    assertThat(fs.read(SELF.resolve("guard/self"), "cgroup.procs")).isEmpty();
    assertThat(fs.read(SELF, "cgroup.subtree_control")).isEmpty();
  }

  @Test
  void inAUnitOfSystemdThatIsNotDelegatedNothingIsRearranged() throws IOException {
    fs.create(Path.of("/run/systemd/system"));
    cgroup(SELF, "pids\n", "", GUARD + "\n");
    cgroup(SELF.resolve("guard/self"), "", "", "");
    CgroupDriver.Support pids = driverIn(SELF).supports(Controller.PIDS);
    assertThat(pids.available()).isFalse();
    assertThat(pids.reason()).startsWith(SELF + " is systemd's and not delegated");
    assertThat(fs.read(SELF.resolve("guard/self"), "cgroup.procs")).isEmpty();
  }

  @Test
  void theRootOfACgroupNamespaceIsGuardsToArrange() throws IOException {
    fs.create(Path.of("/run/systemd/system"));
    cgroup(MOUNT, "pids\n", "", GUARD + "\n");
    cgroup(MOUNT.resolve("guard/self"), "", "", "");
    driverIn(MOUNT);
    assertThat(fs.read(MOUNT.resolve("guard/self"), "cgroup.procs"))
        .isEqualTo(Integer.toString(GUARD));
  }

  @Test
  void aGuardInsideACommandHasItsCommandsBelowThatOneBesideItsLeaf() throws IOException {
    fs = new KernelLikeCgroups(root);
    Path outer = SELF.resolve("guard/cmd_0123456789abcdef");
    cgroup(outer, "pids\n", "pids\n", "");
    cgroup(outer.resolve("main"), "pids\n", "", GUARD + "\n1234\n");
    cgroup(outer.resolve("guard"), "pids\n", "pids\n", "");
    V2Driver inner = driverIn(outer.resolve("main"));
    assertThat(inner.supports(Controller.PIDS).available()).isTrue();
    assertThat(inner.create("1", PIDS).directories())
        .isEqualTo(List.of(outer.resolve("guard/cmd_1")));
    assertThat(fs.has(outer.resolve("guard/cmd_1/main"), "")).isTrue();
  }

  @Test
  void theProcessesOfOthersAreNotMoved() throws IOException {
    cgroup(SELF, "pids\n", "", GUARD + "\n1234\n");
    cgroup(SELF.resolve("guard/self"), "", "", "");
    CgroupDriver.Support pids = driverIn(SELF).supports(Controller.PIDS);
    assertThat(pids.available()).isFalse();
    assertThat(pids.reason()).startsWith(SELF + " has other processes than guard");
    assertThat(fs.read(SELF.resolve("guard/self"), "cgroup.procs")).isEmpty();
    assertThat(fs.read(SELF, "cgroup.subtree_control")).as("it would be threaded").isEmpty();
  }

  @Test
  void inTheRealRootNobodyIsMoved() throws IOException {
    cgroup(MOUNT, "pids\n", "", "1\n" + GUARD + "\n");
    Files.delete(onDisk(MOUNT).resolve("cgroup.type"));
    driverIn(MOUNT);
    assertThat(fs.has(MOUNT.resolve("guard"), "")).isFalse();
    assertThat(fs.read(MOUNT, "cgroup.subtree_control")).isEqualTo("+pids");
  }

  @Test
  void aThreadedCgroupTakesNoCommands() throws IOException {
    cgroup(SELF, "pids\n", "pids\n", GUARD + "\n");
    file(SELF, "cgroup.type", "domain threaded\n");
    V2Driver driver = driverIn(SELF);
    assertThat(driver.supports(Controller.PIDS).reason()).contains("threaded");
    assertThat(driver.create("1", PIDS).exists()).isFalse();
    assertThat(fs.has(SELF.resolve("guard"), "")).isFalse();
  }

  @Test
  void aWriteThatReadsBackOtherwiseHasNotEnabledAnything() throws IOException {
    cgroup(SELF, "pids\n", "", GUARD + "\n");
    cgroup(SELF.resolve("guard/self"), "", "", "");
    assertThat(driverIn(SELF).supports(Controller.PIDS).available()).isFalse();
  }

  @Test
  void aGuardInItsLeafHasItsCommandsBesideIt() throws IOException {
    fs = new KernelLikeCgroups(root);
    cgroup(SELF, "pids\n", "pids\n", "");
    Path leaf = SELF.resolve("guard/self");
    cgroup(leaf, "pids\n", "", GUARD + "\n");
    cgroup(SELF.resolve("guard"), "pids\n", "pids\n", "");
    V2Driver driver = driverIn(leaf);
    assertThat(driver.supports(Controller.PIDS).available()).isTrue();
    assertThat(driver.create("1", PIDS).directories())
        .isEqualTo(List.of(SELF.resolve("guard/cmd_1")));
  }

  @Test
  void theControllerIsEnabledInTheBaseForALimitOnly() throws IOException {
    cgroup(SELF, "pids\n", "pids\n", "");
    Path base = SELF.resolve("guard");
    cgroup(base, "pids\n", "", "");
    V2Driver driver = driverIn(SELF);
    assertThat(driver.create("1", Set.of()).limited(Controller.PIDS)).isEmpty();
    assertThat(fs.read(base, "cgroup.subtree_control")).isEmpty();
    assertThatThrownBy(() -> driver.create("2", PIDS))
        .as("plain files do not show what was enabled")
        .hasMessageEndingWith("cgroup.subtree_control does not show pids after +");
    assertThat(fs.read(base, "cgroup.subtree_control")).isEqualTo("+pids");
  }

  /** People look where /proc/PID/cgroup leads, which is the leaf. */
  @Test
  void aLimitShowsOnTheCgroupAndOnItsLeaf() throws IOException {
    fs = new KernelLikeCgroups(root);
    cgroup(SELF, "cpu pids\n", "cpu pids\n", "");
    CommandCgroup command = driverIn(SELF).create("1", PIDS);
    Path made = SELF.resolve("guard/cmd_1");
    assertThat(command.limited(Controller.PIDS)).contains(made);
    CgroupLimits limits = new CgroupLimits(Optional.of(64L), Optional.empty(), Optional.empty());
    assertThat(command.set(Controller.PIDS, limits)).isEqualTo("pids.max 64");
    assertThat(fs.read(made, "pids.max")).isEqualTo("64");
    assertThat(fs.read(made.resolve("main"), "pids.max")).isEqualTo("64");
    assertThat(fs.has(made.resolve("main"), "cpu.max")).as("not asked for").isFalse();
  }

  /** An inner guard can limit what the outer one has limited, beside the outer one's leaf. */
  @Test
  void aGuardInsideALimitedCommandSetsLimitsOfItsOwn() throws IOException {
    fs = new KernelLikeCgroups(root);
    cgroup(SELF, "pids\n", "pids\n", "");
    CommandCgroup outer = driverIn(SELF).create("1", PIDS);
    outer.set(
        Controller.PIDS, new CgroupLimits(Optional.of(64L), Optional.empty(), Optional.empty()));
    Path leaf = SELF.resolve("guard/cmd_1/main");
    file(leaf, "cgroup.procs", GUARD + "\n1234\n");
    V2Driver driver = driverIn(leaf);
    assertThat(driver.supports(Controller.PIDS)).isEqualTo(CgroupDriver.Support.YES);
    CommandCgroup inner = driver.create("2", PIDS);
    inner.set(
        Controller.PIDS, new CgroupLimits(Optional.of(9L), Optional.empty(), Optional.empty()));
    Path made = SELF.resolve("guard/cmd_1/guard/cmd_2");
    assertThat(fs.read(made.resolve("main"), "pids.max")).isEqualTo("9");
    assertThat(fs.read(leaf, "pids.max")).isEqualTo("64");
  }
}
