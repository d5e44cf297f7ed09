package dev.guard.doctor.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each directive is told apart by the mounts that systemd makes for it. */
class DirectiveInferenceTest {
  private static final MountTable HOST = MountinfoText.host().table();
  private static final String PRIVATE =
      "systemd-private-ac4fa21f0f08446cb44cb8a28bfc4a6a-a.service-LK2qWA/tmp";

  private static MountinfoText fresh() {
    return MountinfoText.systemd(100);
  }

  private static MountinfoText strict() {
    MountinfoText strict = fresh().allReadOnly();
    List.of("/dev", "/proc", "/sys", "/home", "/root", "/run/user")
        .forEach(p -> strict.bind(p, false));
    return strict;
  }

  private static MountinfoText inaccessible(String... points) {
    MountinfoText mounts = fresh();
    for (String point : points) {
      mounts.mount(point, MountinfoText.RUN, MountinfoText.INACCESSIBLE, "tmpfs", true);
    }
    return mounts;
  }

  static Stream<Arguments> directives() {
    return Stream.of(
        Arguments.of(strict(), List.of("ProtectSystem=strict")),
        Arguments.of(
            strict().bind("/var/lib/a", false).bind("/srv", false),
            List.of("ProtectSystem=strict", "ReadWritePaths=/srv /var/lib/a")),
        Arguments.of(
            fresh().bind("/boot", true).bind("/etc", true).bind("/usr", true),
            List.of("ProtectSystem=full")),
        Arguments.of(fresh().bind("/boot", true).bind("/usr", true), List.of("ProtectSystem=yes")),
        Arguments.of(
            fresh().bind("/usr", true).bind("/etc", true).bind("/etc/a", false),
            List.of("ProtectSystem=full", "ReadWritePaths=/etc/a")),
        Arguments.of(
            fresh()
                .mount("/tmp", MountinfoText.DISK, "/tmp/" + PRIVATE, "ext4", false)
                .mount("/var/tmp", MountinfoText.DISK, "/var/tmp/" + PRIVATE, "ext4", false),
            List.of("PrivateTmp=yes")),
        Arguments.of(inaccessible("/home", "/root", "/run/user"), List.of("ProtectHome=yes")),
        Arguments.of(
            fresh().bind("/home", true).bind("/root", true).bind("/run/user", true),
            List.of("ProtectHome=read-only")),
        Arguments.of(
            fresh()
                .mount("/home", "0:32", "/", "tmpfs", false)
                .mount("/root", "0:33", "/", "tmpfs", false)
                .mount("/run/user", "0:34", "/", "tmpfs", false),
            List.of("ProtectHome=tmpfs")),
        Arguments.of(fresh().bind("/var/log", false), List.of("ReadWritePaths=/var/log")),
        Arguments.of(fresh().bind("/srv", true), List.of("ReadOnlyPaths=/srv")),
        Arguments.of(fresh().bind("/etc", true), List.of("ReadOnlyPaths=/etc")),
        Arguments.of(inaccessible("/srv"), List.of("InaccessiblePaths=/srv")),
        Arguments.of(
            fresh().mount("/srv", "0:40", "/", "tmpfs", false),
            List.of("TemporaryFileSystem=/srv")),
        Arguments.of(
            fresh().mount("/srv", MountinfoText.DISK, "/data", "ext4", false),
            List.of("BindPaths=/srv")),
        Arguments.of(
            fresh().mount("/dev", "0:35", "/", "tmpfs", true), List.of("PrivateDevices=yes")),
        Arguments.of(fresh().bind("/proc/sys", true), List.of("ProtectKernelTunables=yes")),
        Arguments.of(fresh().bind("/sys/fs/cgroup", true), List.of("ProtectControlGroups=yes")),
        Arguments.of(MountinfoText.container(100), List.of("RootDirectory=")),
        Arguments.of(fresh(), List.of()));
  }

  @ParameterizedTest
  @MethodSource("directives")
  void isToldByItsMounts(MountinfoText mounts, List<String> directives) {
    assertThat(DirectiveInference.directives(mounts.table(), HOST)).isEqualTo(directives);
  }

  @Test
  void whatTheHostHasReadOnlyIsNoDirective() {
    MountTable host = MountinfoText.host().bind("/usr", true).table();
    assertThat(DirectiveInference.directives(fresh().bind("/usr", true).table(), host)).isEmpty();
  }

  @Test
  void ofPathsThatAreInOneAnotherTheOuterOneIsNamed() {
    MountTable table = fresh().bind("/srv", true).bind("/srv/a", true).table();
    assertThat(DirectiveInference.directives(table, HOST)).containsExactly("ReadOnlyPaths=/srv");
  }
}
