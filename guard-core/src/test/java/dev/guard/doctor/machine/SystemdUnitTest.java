package dev.guard.doctor.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SystemdUnitTest {
  private static final String OF_USER = "/user.slice/user-1000.slice/user@1000.service";

  @ParameterizedTest
  @CsvSource({
    "/system.slice/ssh.service, ssh.service, system.slice",
    "/system.slice/system-getty.slice/getty@tty1.service, getty@tty1.service, system-getty.slice",
    "/user.slice/user-1000.slice/session-3.scope, session-3.scope, user-1000.slice",
    "/init.scope, init.scope, -.slice",
    "/agent.service, agent.service, -.slice",
    "/system.slice/a\\x2db.service/guard/cmd_0123456789abcdef/main, a\\x2db.service, system.slice",
    "/system.slice/_memory.service, memory.service, system.slice",
  })
  void theSystemsUnits(String path, String name, String slice) {
    assertThat(SystemdUnit.of(path)).contains(new SystemdUnit(name, slice, Optional.empty()));
  }

  @ParameterizedTest
  @CsvSource({
    "/app.slice/agent.service, agent.service, app.slice",
    "/app.slice/app-x.slice/y.service/z, y.service, app-x.slice",
    "/guard.slice/guard-session-a.scope, guard-session-a.scope, guard.slice",
    "/init.scope, init.scope, -.slice",
  })
  void theUnitsOfAUsersManager(String below, String name, String slice) {
    assertThat(SystemdUnit.of(OF_USER + below))
        .contains(new SystemdUnit(name, slice, Optional.of(1000)));
  }

  /** A user may make any directory below his own manager, and whoever has Delegate= likewise. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/sshd.service",
        "/app.slice/sshd.service",
        "/system.slice/sshd.service",
        "/app.slice/x.service/system.slice/sshd.service"
      })
  void whatAUserHasNamedIsNeverAUnitOfTheSystem(String below) {
    SystemdUnit unit = SystemdUnit.of(OF_USER + below).orElseThrow();
    assertThat(unit.user().isPresent() || unit.name().equals("user@1000.service")).isTrue();
  }

  @Test
  void aDirectoryBelowAServiceIsTheServices() {
    assertThat(SystemdUnit.of("/system.slice/agent.service/sshd.service").orElseThrow().name())
        .isEqualTo("agent.service");
    assertThat(SystemdUnit.of("/system.slice/agent.service/user@0.service/x.service").orElseThrow())
        .isEqualTo(new SystemdUnit("agent.service", "system.slice", Optional.empty()));
  }

  @Test
  void whatIsNoUnitOfTheManagerIsTheManagersOwn() {
    SystemdUnit manager = new SystemdUnit("user@1000.service", "user-1000.slice", Optional.empty());
    assertThat(SystemdUnit.of(OF_USER)).contains(manager);
    assertThat(SystemdUnit.of(OF_USER + "/elsewhere")).contains(manager);
    assertThat(SystemdUnit.of(OF_USER + "/$(reboot).service")).contains(manager);
    assertThat(SystemdUnit.of(OF_USER + "/a b.service")).contains(manager);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "",
        "/..",
        "/../../x.service",
        "/guard/cmd_0123456789abcdef",
        "/user.slice",
        "/system.slice/other.slice/x.service",
        "/x.service (deleted)",
        "x.service"
      })
  void noUnit(String path) {
    assertThat(SystemdUnit.of(path)).isEmpty();
  }

  @Test
  void aNumberThatIsNoUserIsNone() {
    assertThat(SystemdUnit.of("/user.slice/user@4294967295.service/a.service").orElseThrow().user())
        .isEmpty();
    assertThat(SystemdUnit.of("/user.slice/user@4294967294.service/a.service").orElseThrow().user())
        .contains(-2);
  }

  @Test
  void ofAProcess() {
    String hybrid =
        "12:pids:/user.slice/x\n1:name=systemd:/system.slice/a.service\n0::/system.slice/b.service\n";
    assertThat(SystemdUnit.ofProcess(hybrid).orElseThrow().name()).isEqualTo("a.service");
    assertThat(SystemdUnit.ofProcess("0::/system.slice/b.service\n").orElseThrow().name())
        .isEqualTo("b.service");
    assertThat(SystemdUnit.ofProcess("9:name=systemd:/\n0::/\n")).isEmpty();
    assertThat(SystemdUnit.ofProcess("")).isEmpty();
    assertThat(SystemdUnit.ofProcess("0::/system.slice/a:b.service\n").orElseThrow().name())
        .isEqualTo("a:b.service");
  }
}
