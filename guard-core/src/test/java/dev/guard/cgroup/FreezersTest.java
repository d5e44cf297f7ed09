package dev.guard.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Cgroupfs;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Thaws the cgroups that keep a process frozen where no other process is in them, on v1 and on v2.
 */
class FreezersTest {
  private static final int SELF = 1;
  private static final int OURS = 7;
  private static final int OTHER = 8;
  private static final Path FREEZER = Path.of("/sys/fs/cgroup/freezer");
  private static final Path V2 = Path.of("/sys/fs/cgroup");

  @TempDir private Path root;
  private Cgroupfs fs;

  @BeforeEach
  void files() {
    fs = new Cgroupfs(root);
  }

  private void v1(String membership) throws IOException {
    process(
        MountTables.NONE
            + "33 31 0:31 / /sys/fs/cgroup/freezer rw,nosuid - cgroup cgroup rw,freezer\n",
        "6:freezer:" + membership + "\n");
  }

  private void process(String mounts, String membership) throws IOException {
    Files.createDirectories(root.resolve("proc/" + OURS));
    Files.createDirectories(root.resolve("proc/" + SELF));
    Files.writeString(root.resolve("proc/" + SELF + "/mountinfo"), mounts);
    Files.writeString(root.resolve("proc/" + OURS + "/cgroup"), membership);
  }

  private Procfs procfs() {
    return new Procfs(root.resolve("proc"));
  }

  private void file(Path cgroup, String name, String text) throws IOException {
    fs.create(cgroup);
    Files.writeString(root.resolve(Path.of("/").relativize(cgroup)).resolve(name), text + "\n");
  }

  private void frozen(Path cgroup, int self, int parent, Integer... processes) throws IOException {
    file(cgroup, "freezer.state", self + parent > 0 ? "FROZEN" : "THAWED");
    file(cgroup, "freezer.self_freezing", Integer.toString(self));
    file(cgroup, "freezer.parent_freezing", Integer.toString(parent));
    file(
        cgroup,
        "cgroup.procs",
        String.join("\n", List.of(processes).stream().map(String::valueOf).toList()));
  }

  private String state(Path cgroup) throws IOException {
    return fs.read(cgroup, "freezer.state");
  }

  private void thaw() throws IOException {
    new Freezers(fs, procfs(), SELF).thaw(Set.of(OURS));
  }

  @Test
  void aFrozenCgroupWithNobodyElseIsThawed() throws IOException {
    v1("/own");
    frozen(FREEZER.resolve("own"), 1, 0, OURS);
    thaw();
    assertThat(state(FREEZER.resolve("own"))).isEqualTo("THAWED");
  }

  @Test
  void itIsTheOneAboveThatWasFrozen() throws IOException {
    v1("/top/own");
    frozen(FREEZER.resolve("top"), 1, 0);
    frozen(FREEZER.resolve("top/own"), 0, 1, OURS);
    thaw();
    assertThat(state(FREEZER.resolve("top"))).isEqualTo("THAWED");
  }

  @Test
  void oneThatOthersAreInIsLeftAndNamed() throws IOException {
    v1("/top/own");
    frozen(FREEZER.resolve("top"), 1, 0);
    frozen(FREEZER.resolve("top/own"), 0, 1, OURS);
    frozen(FREEZER.resolve("top/other"), 0, 1, OTHER);
    thaw();
    assertThat(state(FREEZER.resolve("top"))).isEqualTo("FROZEN");
    assertThat(new Freezers(fs, procfs(), SELF).remedy(OURS))
        .contains("frozen beside others: echo THAWED >/sys/fs/cgroup/freezer/top/freezer.state");
  }

  @Test
  void aV2CgroupIsThawedSoThatItsProcessesCanActOnTerm() throws IOException {
    process(MountTables.V2, "0::/own\n");
    Path own = V2.resolve("own");
    file(own, "cgroup.events", "populated 1\nfrozen 1");
    file(own, "cgroup.freeze", "1");
    file(own, "cgroup.procs", Integer.toString(OURS));
    thaw();
    assertThat(fs.read(own, "cgroup.freeze")).isEqualTo("0");
  }

  @Test
  void whoIsNotFrozenIsNotNamed() throws IOException {
    v1("/own");
    frozen(FREEZER.resolve("own"), 0, 0, OURS, OTHER);
    assertThat(new Freezers(fs, procfs(), SELF).remedy(OURS)).isEmpty();
    assertThat(new Freezers(fs, procfs(), SELF).remedy(OTHER)).as("it has gone").isEmpty();
  }
}
