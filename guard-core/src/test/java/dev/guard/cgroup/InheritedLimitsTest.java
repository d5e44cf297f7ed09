package dev.guard.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.os.Cgroupfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shows which cgroup above a command its layers name, on trees of plain files. */
class InheritedLimitsTest {
  private static final Path SLICE = Path.of("/sys/fs/cgroup/user.slice");
  private static final Path UNIT = SLICE.resolve("user-1000.slice/session-2.scope");

  @TempDir private Path root;
  private Cgroupfs fs;

  @BeforeEach
  void cgroups() throws IOException {
    fs = new Cgroupfs(root);
    fs.create(UNIT);
  }

  private void file(Path cgroup, String name, String text) throws IOException {
    fs.create(cgroup);
    Files.writeString(root.resolve(Path.of("/").relativize(cgroup)).resolve(name), text + "\n");
  }

  private InheritedLimits v2() {
    return new InheritedLimits(fs, Hierarchy.parse(MountTables.V2, MountTables.V2_MEMBERSHIP));
  }

  private static Layer pids(InheritedLimits inherited, int own) {
    return inherited.in(
        Layer.active(LayerName.PIDS, own, "v2"), Controller.PIDS, Optional.of((long) own));
  }

  private static String off(InheritedLimits inherited, Controller controller) {
    return inherited.in(Layer.off(controller.layer()), controller, Optional.empty()).detail();
  }

  @Test
  void aLayerThatIsOffIsBoundAllTheSame() throws IOException {
    file(UNIT, "memory.max", "314572800");
    assertThat(off(v2(), Controller.MEMORY))
        .isEqualTo(
            "turned off in the settings; bound from above by " + UNIT + ": memory.max 314572800");
    assertThat(off(v2(), Controller.PIDS)).isEqualTo("turned off in the settings");
    file(UNIT, "memory.max", "max");
    assertThat(off(v2(), Controller.MEMORY)).isEqualTo("turned off in the settings");
  }

  /** The own limit of the command is 100. */
  @ParameterizedTest
  @CsvSource({"99,true", "100,false", "101,false", "max,false"})
  void onlyWhatIsTighterIsNamed(String above, boolean named) throws IOException {
    file(SLICE, "pids.max", above);
    assertThat(pids(v2(), 100).detail().contains(SLICE + ": pids.max 99")).isEqualTo(named);
    assertThat(pids(v2(), 100).detail().equals("v2")).isEqualTo(!named);
  }

  @Test
  void aLimitThatAUnitHasACopyOfIsSaidToBeACopy() throws IOException {
    file(UNIT, "pids.max", "400");
    CgroupLimits copied = new CgroupLimits(Optional.of(400L), Optional.empty(), Optional.empty());
    StandingUnit unit =
        new StandingUnit(1000, SLICE.getParent(), Optional.empty(), List.of(UNIT), copied);
    String copy = "; " + unit.name() + " has a copy of the limit of " + UNIT;
    InheritedLimits inherited = v2().withCopies(unit);
    assertThat(pids(inherited, 64).detail()).isEqualTo("v2" + copy);
    assertThat(off(inherited, Controller.PIDS)).contains("; bound from above by ").endsWith(copy);
    assertThat(off(inherited, Controller.MEMORY)).isEqualTo("turned off in the settings");
    Layer degraded = Layer.degraded(LayerName.PIDS, 64, "why");
    assertThat(inherited.in(degraded, Controller.PIDS, Optional.of(64L)).detail())
        .doesNotContain("copy");
  }

  @Test
  void aQuotaThatCanNotBeReadIsSaidWithItsFile() throws IOException {
    file(UNIT, "cpu.max", "many");
    assertThat(off(v2(), Controller.CPU))
        .endsWith(
            "; what binds it from above can not be read: "
                + UNIT.resolve("cpu.max")
                + " is no quota and period: many");
  }

  @Test
  void theTightestIsNamedAndOfEqualOnesTheNearest() throws IOException {
    file(UNIT, "pids.max", "60");
    file(SLICE, "pids.max", "50");
    assertThat(pids(v2(), 100).detail()).endsWith(SLICE + ": pids.max 50");
    file(UNIT, "pids.max", "50");
    assertThat(pids(v2(), 100).detail()).endsWith(UNIT + ": pids.max 50");
  }

  @Test
  void whatIsNotInForceBindsNothingItself() throws IOException {
    file(SLICE, "pids.max", "5000");
    Layer degraded = Layer.degraded(LayerName.PIDS, 100, "why");
    assertThat(v2().in(degraded, Controller.PIDS, Optional.of(100L)).detail())
        .isEqualTo("why; bound from above by " + SLICE + ": pids.max 5000");
  }

  @Test
  void processorTimeIsComparedInCores() throws IOException {
    file(UNIT, "cpu.max", "50000 100000");
    Layer own = Layer.active(LayerName.CPU, 0.75, "v2");
    assertThat(v2().in(own, Controller.CPU, Optional.of(0.75)).detail())
        .endsWith(UNIT + ": cpu.max, 0.5 cores");
    assertThat(v2().in(own, Controller.CPU, Optional.of(0.25)).detail()).isEqualTo("v2");
  }

  @Test
  void eachControllerOfV1IsLookedForInItsOwnHierarchy() throws IOException {
    InheritedLimits v1 =
        new InheritedLimits(fs, Hierarchy.parse(MountTables.HYBRID, MountTables.HYBRID_MEMBERSHIP));
    Path jobs = Path.of("/sys/fs/cgroup/memory/jobs");
    file(jobs, "memory.limit_in_bytes", "1048576");
    file(jobs.resolve("one"), "memory.limit_in_bytes", "9223372036854771712");
    assertThat(off(v1, Controller.MEMORY)).endsWith(jobs + ": memory.limit_in_bytes 1048576");
    file(jobs, "memory.limit_in_bytes", "9223372036854771712");
    assertThat(off(v1, Controller.MEMORY)).isEqualTo("turned off in the settings");
  }

  @Test
  void processorTimeOfV1() throws IOException {
    Path place = Path.of("/sys/fs/cgroup/cpu/a");
    InheritedLimits v1 =
        new InheritedLimits(
            fs,
            Hierarchy.parse(
                "32 31 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n", "3:cpu:/a\n"));
    file(place, "cpu.cfs_quota_us", "150000");
    file(place, "cpu.cfs_period_us", "100000");
    assertThat(off(v1, Controller.CPU)).endsWith(place + ": cpu.cfs_quota_us, 1.5 cores");
    file(place, "cpu.cfs_quota_us", "-1");
    assertThat(off(v1, Controller.CPU)).isEqualTo("turned off in the settings");
  }

  /** A command of a guard inside a command is below that one, and its leaf is not above it. */
  @Test
  void theOuterCommandIsAbove() throws IOException {
    Path outer = UNIT.resolve("guard/cmd_0123456789abcdef");
    file(outer, "pids.max", "200");
    file(outer.resolve("main"), "pids.max", "10");
    Hierarchy inside =
        Hierarchy.parse(
                MountTables.V2,
                "0::/" + Path.of("/sys/fs/cgroup").relativize(outer.resolve("main")) + "\n")
            .get(0);
    assertThat(pids(new InheritedLimits(fs, List.of(inside)), 300).detail())
        .endsWith(outer + ": pids.max 200");
  }
}
