package dev.guard.doctor.systemd;

import static dev.guard.doctor.finding.Finding.Verdict.CAUTION;
import static dev.guard.doctor.finding.Finding.Verdict.FAIL;
import static dev.guard.doctor.finding.Finding.Verdict.PASS;
import static dev.guard.doctor.finding.Finding.Verdict.SKIPPED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.doctor.finding.Check;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Remedy;
import dev.guard.doctor.machine.FakeMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemdChecksTest {
  private static final String VERSION = "show -p Version";

  @TempDir private Path root;

  private FakeMachine user() {
    return new FakeMachine(root, 1000)
        .underSystemd()
        .in(FakeMachine.SELF, "/user.slice/user-1000.slice/session-3.scope")
        .directory("run/user/1000/systemd/private")
        .directory("run/user/1000/bus")
        .says("systemctl --user " + VERSION, "Version=252\n");
  }

  private static List<Finding> all(FakeMachine fake, Check check) throws IOException {
    return new SystemdChecks(fake.machine())
        .findings().stream().filter(f -> f.check() == check).toList();
  }

  private static Finding one(FakeMachine fake, Check check) throws IOException {
    List<Finding> found = all(fake, check);
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  @Test
  void withoutSystemdNothingIsAsked() throws IOException {
    FakeMachine fake = new FakeMachine(root, 1000);
    assertThat(new SystemdChecks(fake.machine()).findings())
        .hasSize(4)
        .allMatch(f -> f.status() == SKIPPED && f.reason().equals("systemd does not run here"));
    assertThat(fake.asked()).isEmpty();
  }

  // ---- the manager

  @Test
  void itIsFoundFromAMinimalEnvironment() throws IOException {
    FakeMachine fake = user();
    Finding finding = one(fake, Check.MANAGER);
    assertThat(finding.status()).isEqualTo(PASS);
    assertThat(finding.reason()).contains("user vmu", "systemd 252");
    assertThat(finding.details().toString()).contains("XDG_RUNTIME_DIR is not set here");
    assertThat(fake.asked())
        .contains("{XDG_RUNTIME_DIR=/run/user/1000} systemctl --user " + VERSION);
    assertThat(one(user().with("XDG_RUNTIME_DIR", "/run/user/1000"), Check.MANAGER).details())
        .isEmpty();
  }

  @Test
  void orWhereTheEnvironmentSays() throws IOException {
    FakeMachine fake =
        new FakeMachine(root, 1000)
            .underSystemd()
            .directory("elsewhere/bus")
            .with("XDG_RUNTIME_DIR", "/elsewhere")
            .says("systemctl --user " + VERSION, "Version=252\n");
    assertThat(one(fake, Check.MANAGER).status()).isEqualTo(PASS);
    assertThat(fake.asked()).contains("{XDG_RUNTIME_DIR=/elsewhere} systemctl --user " + VERSION);
  }

  @Test
  void withoutOneLingerAndAStartMakeIt() throws IOException {
    Finding finding = one(new FakeMachine(root, 1000).underSystemd(), Check.MANAGER);
    assertThat(finding.status()).isEqualTo(FAIL);
    assertThat(finding.reason()).contains("/run/user/1000");
    assertThat(finding.remedy())
        .contains(
            new Remedy.Script(
                true, "loginctl enable-linger vmu\nsystemctl start user@1000.service\n"));
  }

  @Test
  void oneThatDoesNotAnswerFails() throws IOException {
    FakeMachine fake =
        user().fails("systemctl --user " + VERSION, "Failed to connect to bus: Connection refused");
    assertThat(one(fake, Check.MANAGER).status()).isEqualTo(FAIL);
    assertThat(one(fake, Check.MANAGER).reason()).contains("Connection refused");
  }

  @Test
  void withoutABusNothingCanBeMoved() throws IOException {
    FakeMachine fake =
        new FakeMachine(root, 1000)
            .underSystemd()
            .directory("run/user/1000/systemd/private")
            .says("systemctl --user " + VERSION, "Version=252\n");
    assertThat(one(fake, Check.MANAGER).status()).isEqualTo(CAUTION);
  }

  @Test
  void rootAsksTheSystems() throws IOException {
    FakeMachine fake =
        new FakeMachine(root, 0).underSystemd().says("systemctl " + VERSION, "Version=252\n");
    assertThat(one(fake, Check.MANAGER).status()).isEqualTo(PASS);
  }

  // ---- linger

  @Test
  void lingerOffIsACaution() throws IOException {
    Finding finding = one(user(), Check.LINGER);
    assertThat(finding.status()).isEqualTo(CAUTION);
    assertThat(finding.subject()).isEqualTo("vmu");
    assertThat(finding.remedy()).contains(new Remedy.Script(true, "loginctl enable-linger vmu\n"));
    assertThat(one(user().file("var/lib/systemd/linger/vmu", ""), Check.LINGER).status())
        .isEqualTo(PASS);
  }

  @Test
  void aUserThatIsNotInTheFileIsAskedFor() throws IOException {
    FakeMachine fake =
        new FakeMachine(root, 2000)
            .underSystemd()
            .says("getent passwd 2000", "l dap:x:2000:2000::/home/l:/bin/sh\n");
    assertThat(one(fake, Check.LINGER).remedy())
        .contains(new Remedy.Script(true, "loginctl enable-linger 'l dap'\n"));
    assertThat(one(new FakeMachine(root, 3000).underSystemd(), Check.LINGER).status())
        .isEqualTo(SKIPPED);
  }

  @Test
  void rootNeedsNoneButTheUsersWithSessionsDo() throws IOException {
    FakeMachine fake =
        new FakeMachine(root, 0).underSystemd().says("systemctl " + VERSION, "Version=252\n");
    assertThat(one(fake, Check.LINGER).status()).isEqualTo(PASS);
    fake.process(10, "tmux: server", 'S', 1, 5)
        .in(10, "/user.slice/user-1000.slice/user@1000.service/guard.slice/a.scope");
    assertThat(all(fake, Check.LINGER)).extracting(Finding::status).containsExactly(PASS, CAUTION);
  }

  // ---- where we are

  @Test
  void theUnitAndTheSlice() throws IOException {
    assertThat(one(user(), Check.UNIT).reason())
        .isEqualTo("guard was called in session-3.scope in user-1000.slice");
    FakeMachine service =
        user()
            .in(
                FakeMachine.SELF,
                "/user.slice/user-1000.slice/user@1000.service/app.slice/a.service");
    assertThat(one(service, Check.UNIT).reason())
        .isEqualTo("guard was called in a.service in app.slice of user vmu");
    assertThat(one(user().in(FakeMachine.SELF, "/"), Check.UNIT).status()).isEqualTo(PASS);
  }

  private static List<String> texts(List<Finding> findings) {
    List<String> texts = new ArrayList<>();
    for (Finding finding : findings) {
      texts.add(finding.reason());
      finding.remedy().map(Remedy::text).ifPresent(texts::add);
    }
    return texts;
  }

  @Test
  void rootIsNotToldToRunItAsRoot() throws IOException {
    // No program answers, and there is nothing to be read.
    List<Finding> findings =
        new SystemdChecks(new FakeMachine(root, 0).underSystemd().machine()).findings();
    assertThat(findings).extracting(Finding::status).contains(FAIL);
    assertThat(texts(findings)).noneMatch(text -> text.contains("as root"));
    List<Finding> ofUser =
        new SystemdChecks(
                new FakeMachine(root, 1000).underSystemd().directory("run/user/1000/bus").machine())
            .findings();
    assertThat(texts(ofUser)).as("a user is").anyMatch(text -> text.contains("as root"));
  }
}
