package dev.guard.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HierarchyTest {
  @Test
  void aHybridHostHasV1ControllersAndABareV2Tree() {
    assertThat(Hierarchy.parse(MountTables.HYBRID, MountTables.HYBRID_MEMBERSHIP))
        .containsExactly(
            new Hierarchy(
                1,
                Set.of("memory"),
                Path.of("/sys/fs/cgroup/memory"),
                false,
                Path.of("/sys/fs/cgroup/memory/jobs/one")),
            new Hierarchy(
                1,
                Set.of("pids"),
                Path.of("/sys/fs/cgroup/pids"),
                false,
                Path.of("/sys/fs/cgroup/pids")),
            new Hierarchy(
                1,
                Set.of("name=systemd"),
                Path.of("/sys/fs/cgroup/systemd"),
                false,
                Path.of("/sys/fs/cgroup/systemd")),
            new Hierarchy(
                2,
                Set.of(),
                Path.of("/sys/fs/cgroup/unified"),
                false,
                Path.of("/sys/fs/cgroup/unified")));
  }

  @Test
  void aV2HostHasOneHierarchy() {
    assertThat(Hierarchy.parse(MountTables.V2, MountTables.V2_MEMBERSHIP))
        .containsExactly(
            new Hierarchy(
                2,
                Set.of(),
                Path.of("/sys/fs/cgroup"),
                false,
                Path.of("/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope")));
  }

  @Test
  void aV1HostMayMountTwoControllersTogether() {
    assertThat(Hierarchy.parse(MountTables.V1, MountTables.V1_MEMBERSHIP))
        .containsExactly(
            new Hierarchy(
                1,
                Set.of("cpu", "cpuacct"),
                Path.of("/sys/fs/cgroup/cpu,cpuacct"),
                false,
                Path.of("/sys/fs/cgroup/cpu,cpuacct/user.slice")),
            new Hierarchy(
                1,
                Set.of("pids"),
                Path.of("/sys/fs/cgroup/pids"),
                false,
                Path.of("/sys/fs/cgroup/pids/user.slice/user-1000.slice")));
  }

  @Test
  void withoutAnyMountThereIsNoHierarchy() {
    assertThat(Hierarchy.parse(MountTables.NONE, "")).isEmpty();
    assertThat(Hierarchy.parse("", MountTables.V2_MEMBERSHIP)).isEmpty();
    assertThat(Hierarchy.parse("no mount table\n", MountTables.V2_MEMBERSHIP)).isEmpty();
  }

  @Test
  void aControllerWithoutAMountIsNotThere() {
    assertThat(Hierarchy.parse(MountTables.HYBRID, "9:hugetlb:/\n")).isEmpty();
  }

  /**
   * A mount shows the cgroups below its root, and both paths are relative to the root of the cgroup
   * namespace: what is outside of either can not be named.
   */
  @ParameterizedTest(name = "mount root {0}, process in {1}: {2}")
  @CsvSource({
    // No namespace of its own, the whole tree is mounted.
    "/, /, /m",
    "/, /a/b, /m/a/b",
    // A container with a bind mount of its own cgroup and no cgroup namespace.
    "/docker/c1, /docker/c1, /m",
    "/docker/c1, /docker/c1/a, /m/a",
    // Another's cgroup is mounted; a name that only begins alike is another one, too.
    "/docker/c1, /docker/c2, ",
    "/docker/c1, /docker/c12, ",
    "/docker/c1, /, ",
    // A cgroup namespace whose mount was made outside of it: the mount's root is above the
    // process's cgroup, by a way that has no names here. The mount point is not the process's own.
    "/.., /, ",
    "/../.., /, ",
    "/../../.., /a, ",
    "/../../other, /, ",
    // A process outside of the namespace's root, as after nsenter(1).
    "/, /../other, ",
    "/, /.., ",
    // Both outside, and one below the other.
    "/.., /../other, /m/other",
    "/../x, /../x/y, /m/y",
    "/../x, /../y, ",
  })
  void aProcessIsWhereItsCgroupIsShown(String root, String path, String expected) {
    String mount = "41 31 0:38 " + root + " /m rw,relatime shared:9 - cgroup2 cgroup2 rw\n";
    assertThat(Hierarchy.parse(mount, "0::" + path + "\n").stream().map(Hierarchy::self).toList())
        .isEqualTo(expected == null ? List.of() : List.of(Path.of(expected)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ro,nosuid - cgroup2 cgroup2 rw", "rw,nosuid - cgroup2 cgroup2 ro"})
  void aReadOnlyMountIsNamedAsTheReason(String options) {
    Hierarchy hierarchy =
        Hierarchy.parse("41 31 0:38 / /sys/fs/cgroup " + options + "\n", "0::/\n").get(0);
    assertThat(hierarchy.notWritable(hierarchy.self()))
        .startsWith("/sys/fs/cgroup is on a read-only mount");
  }

  /** Root may read it, for example in a container with users of its own. */
  @Test
  void nobodyIsToldToRunItAsRoot() {
    Hierarchy hierarchy =
        Hierarchy.parse("41 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "0::/\n").get(0);
    assertThat(hierarchy.notWritable(hierarchy.self()))
        .startsWith("/sys/fs/cgroup is not writable")
        .doesNotContain("as root");
  }

  @Test
  void aMountPointMayHoldBlanksAndBackslashes() {
    String mount = "41 31 0:38 / /my\\040c\\134groups\\011x\\012y rw - cgroup2 cgroup2 rw\n";
    assertThat(Hierarchy.parse(mount, "0::/a b\n"))
        .containsExactly(
            new Hierarchy(
                2,
                Set.of(),
                Path.of("/my c\\groups\tx\ny"),
                false,
                Path.of("/my c\\groups\tx\ny/a b")));
  }

  @Test
  void anEscapedBackslashBeforeDigitsIsNoEscape() {
    String mount = "41 31 0:38 / /a\\134040b rw - cgroup2 cgroup2 rw\n";
    assertThat(Hierarchy.parse(mount, "0::/\n"))
        .extracting(Hierarchy::mountPoint)
        .containsExactly(Path.of("/a\\040b"));
  }

  @Test
  void aCgroupPathMayHoldColons() {
    assertThat(Hierarchy.parse(MountTables.V2, "0::/a:b:c\n"))
        .extracting(Hierarchy::self)
        .containsExactly(Path.of("/sys/fs/cgroup/a:b:c"));
  }
}
