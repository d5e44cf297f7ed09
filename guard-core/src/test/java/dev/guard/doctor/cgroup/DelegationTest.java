package dev.guard.doctor.cgroup;

import static dev.guard.doctor.finding.Finding.Verdict.CAUTION;
import static dev.guard.doctor.finding.Finding.Verdict.PASS;
import static dev.guard.doctor.finding.Finding.Verdict.SKIPPED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.cgroup.CgroupForesight;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Remedy;
import dev.guard.doctor.machine.FakeMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DelegationTest {
  private static final String MANAGER =
      "sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/cgroup.controllers";

  @TempDir private Path root;

  private static Finding look(FakeMachine fake, String driver, Optional<Path> base)
      throws IOException {
    return new Delegation(fake.machine())
        .finding(
            new CgroupForesight(
                driver, "", Optional.empty(), List.of(), base, Optional.empty(), List.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"v2", "systemd"})
  void whatAUsersManagerHas(String driver) throws IOException {
    FakeMachine fake =
        new FakeMachine(root, 1000).underSystemd().file(MANAGER, "cpuset cpu io memory pids\n");
    assertThat(look(fake, driver, Optional.empty()).status()).isEqualTo(PASS);
    Finding missing = look(fake.file(MANAGER, "memory pids\n"), driver, Optional.empty());
    assertThat(missing.status()).isEqualTo(CAUTION);
    assertThat(missing.reason()).contains("not cpu");
    assertThat(missing.remedy())
        .contains(
            new Remedy.Script(
                true,
                "mkdir -p /etc/systemd/system/user@.service.d\n"
                    + "printf '[Service]\\nDelegate=cpu memory pids\\n' >/etc/systemd/system/user@.service.d/guard-delegate.conf\n"
                    + "systemctl daemon-reload\n"
                    + "setpriv --reuid=1000 --regid=1001 --init-groups env XDG_RUNTIME_DIR=/run/user/1000"
                    + " systemctl --user daemon-reexec\n"));
  }

  @Test
  void withoutAManagerThereIsNothingToSee() throws IOException {
    assertThat(look(new FakeMachine(root, 1000).underSystemd(), "v2", Optional.empty()).status())
        .isEqualTo(SKIPPED);
  }

  @Test
  void onV1NothingIsDelegated() throws IOException {
    assertThat(look(new FakeMachine(root, 1000), "hybrid", Optional.empty()).status())
        .isEqualTo(SKIPPED);
    assertThat(look(new FakeMachine(root, 0), "v1", Optional.empty()).status()).isEqualTo(SKIPPED);
  }

  @Test
  void rootHasAllThereIs() throws IOException {
    FakeMachine fake =
        new FakeMachine(root, 0).file("sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n");
    assertThat(look(fake, "v2", Optional.empty()).status()).isEqualTo(PASS);
    Finding missing =
        look(fake.file("sys/fs/cgroup/cgroup.controllers", "cpu pids\n"), "v2", Optional.empty());
    assertThat(missing.remedy().orElseThrow()).isInstanceOf(Remedy.Advice.class);
  }

  @Test
  void withoutSystemdItIsTheCgroupThatWasGiven() throws IOException {
    FakeMachine fake =
        new FakeMachine(root, 1000)
            .file("sys/fs/cgroup/given/cgroup.controllers", "cpu memory pids\n");
    Optional<Path> base = Optional.of(Path.of("/sys/fs/cgroup/given/guard"));
    assertThat(look(fake, "v2", base).status()).isEqualTo(PASS);
    assertThat(look(fake, "v2", Optional.empty()).status()).isEqualTo(SKIPPED);
  }
}
