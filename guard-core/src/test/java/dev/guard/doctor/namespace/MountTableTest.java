package dev.guard.doctor.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Mount;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A path leads to the mount that the kernel would find. */
class MountTableTest {
  private static final MountTable HOST = MountinfoText.host().table();

  private static int id(MountTable table, String path) {
    return table.covering(path).map(Mount::id).orElse(-1);
  }

  @ParameterizedTest
  @CsvSource({
    "/,/",
    "/etc,/",
    "/devices,/",
    "/dev,/dev",
    "/dev/null,/dev",
    "/run/user,/run",
    "/run/user/1000,/run/user/1000",
    "/run/user/1000/bus,/run/user/1000",
    "/run/user/10001,/run"
  })
  void theDeepestOneOnTheWay(String path, String point) {
    assertThat(HOST.covering(path)).map(Mount::point).contains(point);
  }

  @Test
  void whatIsMountedLastIsOnTopWhateverTheOrderOfLines() {
    String lines = "1 0 8:1 / / rw - ext4 a rw\n";
    String first = "9 1 8:2 / /x ro - ext4 a rw\n";
    String second = "5 9 8:3 / /x rw - ext4 a rw\n";
    assertThat(id(MountTable.parse(lines + first + second), "/x/y")).isEqualTo(5);
    assertThat(id(MountTable.parse(second + first + lines), "/x/y")).isEqualTo(5);
  }

  @Test
  void whatHasBeenMountedOverIsNotFoundAnyMore() {
    String lines =
        """
        1 0 8:1 / / rw - ext4 a rw
        2 1 8:2 / /home/me rw - ext4 a rw
        3 1 0:9 / /home ro - tmpfs a rw
        """;
    assertThat(id(MountTable.parse(lines), "/home/me")).isEqualTo(3);
    assertThat(MountTable.parse(lines).points()).containsExactly("/", "/home");
  }

  @Test
  void whoWasThereBeforeStaysBelowWhatIsMountedOnTheRoot() {
    String lines = "1 0 8:1 / / rw - ext4 a rw\n7 1 0:9 / / ro - tmpfs a rw\n";
    assertThat(id(MountTable.parse(lines), "/etc")).isEqualTo(1);
  }

  @Test
  void aRootDirectoryThatIsNoMountLeavesNothingToSay() {
    MountTable table = MountTable.parse("7 1 0:9 / /proc ro - proc a rw\n");
    assertThat(table.root()).isEmpty();
    assertThat(table.covering("/proc")).isEmpty();
    assertThat(table.points()).isEmpty();
  }

  @Test
  void linesThatSayThatAMountIsOnItselfEnd() {
    MountTable table =
        MountTable.parse("1 0 8:1 / / rw - ext4 a rw\n1 1 8:1 / /x rw - ext4 a rw\n");
    assertThat(id(table, "/x/y")).isEqualTo(1);
  }

  @Test
  void onlySystemdMakesSlavesThatAreShared() {
    assertThat(MountinfoText.systemd(100).table().isLikeSystemds()).isTrue();
    assertThat(MountinfoText.unshared(100).table().isLikeSystemds()).isFalse();
    assertThat(MountinfoText.container(100).table().isLikeSystemds()).isFalse();
    assertThat(HOST.isLikeSystemds()).isFalse();
  }
}
