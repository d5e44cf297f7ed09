package dev.guard.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Root is told to edit and restart units: no user may be able to say which. */
class UnitNameTest {
  private static final String OF_1000 = "0::/user.slice/user-1000.slice/user@1000.service";

  @ParameterizedTest
  @CsvSource({
    "/system.slice/agent.service, agent.service",
    "/system.slice/system-getty.slice/getty@tty1.service, getty@tty1.service",
    "/user.slice/user-1000.slice/session-3.scope, session-3.scope",
    "/init.scope, init.scope",
    "/system.slice/a.service/guard/cmd_0123456789abcdef, a.service",
    "/system.slice/a\\x2db.service, a\\x2db.service"
  })
  void theSystemsUnitIsTheFirstNameBelowTheSlices(String path, String name) {
    assertThat(UnitName.of("0::" + path + "\n")).contains(UnitName.ofSystem(name));
  }

  @ParameterizedTest
  @CsvSource({
    "/app.slice/agent.service, agent.service",
    "/guard.slice/guard-session.slice/x.scope, x.scope",
    "/a.service/sshd.service, a.service"
  })
  void theUsersUnitIsTheFirstNameBelowTheSlicesOfTheUsersManager(String below, String name) {
    assertThat(UnitName.of(OF_1000 + below)).contains(new UnitName(OptionalInt.of(1000), name));
  }

  @Test
  void aDirectoryThatAUserCallsLikeAUnitOfTheSystemsIsTheUsers() {
    assertThat(UnitName.of(OF_1000 + "/sshd.service"))
        .contains(new UnitName(OptionalInt.of(1000), "sshd.service"));
    assertThat(UnitName.of("0::/system.slice/mine.service/sshd.service"))
        .contains(UnitName.ofSystem("mine.service"));
    assertThat(UnitName.of(OF_1000 + "/x/system.slice/sshd.service")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/init.scope"})
  void aUsersManagerItselfIsAUnitOfTheSystems(String below) {
    assertThat(UnitName.of(OF_1000 + below)).contains(UnitName.managerOf(1000));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/system.slice/a b.service",
        "/system.slice/-a.service",
        "/system.slice/$(reboot).service",
        "/system.slice/a;b.service",
        "/system.slice/*.service",
        "/system.slice/a'.service",
        "/system.slice/\u001b[31m.service",
        "/system.slice/\u00e4.service",
        "/system.slice/a.service (deleted)",
        "/system.slice/agent",
        "/system.slice",
        "/",
        "",
        "/../x.service"
      })
  void whatIsNoPlainNameOfAUnitIsNone(String path) {
    assertThat(UnitName.of("0::" + path)).isEmpty();
    assertThat(UnitName.of("garbage\n" + path)).isEmpty();
  }

  @Test
  void onHybridHostsTheHierarchyOfSystemdCounts() {
    String both = "4:memory:/x\n1:name=systemd:/system.slice/a.service\n0::/elsewhere/b.service\n";
    assertThat(UnitName.of(both)).contains(UnitName.ofSystem("a.service"));
  }

  @Test
  void idsAreUnsigned() {
    String path = "0::/user.slice/user-4294967294.slice/user@4294967294.service/a.service";
    assertThat(UnitName.of(path).orElseThrow().user()).hasValue(-2);
    assertThat(UnitName.managerOf(-2).name()).isEqualTo("user@4294967294.service");
  }

  @Test
  void aUsersManagerIncludesTheUsersUnits() {
    UnitName unit = new UnitName(OptionalInt.of(1000), "a.service");
    assertThat(UnitName.managerOf(1000).includes(unit)).isTrue();
    assertThat(UnitName.managerOf(1001).includes(unit)).isFalse();
    assertThat(unit.includes(unit)).isTrue();
    assertThat(unit.includes(UnitName.managerOf(1000))).isFalse();
  }
}
