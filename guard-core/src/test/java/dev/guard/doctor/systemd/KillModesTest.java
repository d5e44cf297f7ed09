package dev.guard.doctor.systemd;

import static dev.guard.doctor.finding.Finding.Verdict.CAUTION;
import static dev.guard.doctor.finding.Finding.Verdict.FAIL;
import static dev.guard.doctor.finding.Finding.Verdict.PASS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Remedy;
import dev.guard.doctor.machine.ExaminedMachine;
import dev.guard.doctor.machine.FakeMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KillModesTest {
  private static final String SHOW = "show -p Id,KillMode,LoadState,ActiveState,Transient -- ";
  private static final String OF_USER = "/user.slice/user-1000.slice/user@1000.service";

  @TempDir private Path root;

  private static List<Finding> look(FakeMachine fake) throws IOException {
    ExaminedMachine machine = fake.machine();
    return new KillModes(machine).findings(new SessionProcesses(machine).find());
  }

  private static String block(String unit, String mode, String load) {
    return "KillMode=" + mode + "\nId=" + unit + "\nLoadState=" + load + "\nActiveState=active\n";
  }

  private FakeMachine tmuxIn(int user, String cgroup) {
    return new FakeMachine(root, user)
        .underSystemd()
        .process(10, "tmux: server", 'S', 1, 5)
        .in(10, cgroup);
  }

  @Test
  void aServiceThatWouldKillTheSessionsInItFails() throws IOException {
    FakeMachine fake = tmuxIn(1000, "/system.slice/agent.service");
    fake.says(
        "systemctl " + SHOW + "agent.service", block("agent.service", "control-group", "loaded"));
    Finding finding = look(fake).get(0);
    assertThat(finding.status()).isEqualTo(FAIL);
    assertThat(finding.subject()).isEqualTo("agent.service");
    assertThat(finding.reason()).contains("control-group", "tmux server (process 10)");
    assertThat(finding.details().toString()).contains("guard session start");
    assertThat(finding.remedy())
        .contains(
            new Remedy.Script(
                true,
                "mkdir -p /etc/systemd/system/agent.service.d\n"
                    + "printf '[Service]\\nKillMode=mixed\\n' >/etc/systemd/system/agent.service.d/zz-guard-killmode.conf\n"
                    + "systemctl daemon-reload\n"));
  }

  /** A file for a unit that is made anew each time would stay for nobody. */
  @Test
  void aTransientServiceGetsNoFile() throws IOException {
    FakeMachine fake = tmuxIn(1000, "/system.slice/run-r1.service");
    fake.says(
        "systemctl " + SHOW + "run-r1.service",
        block("run-r1.service", "control-group", "loaded").replace("\nId", "\nTransient=yes\nId"));
    Finding finding = look(fake).get(0);
    assertThat(finding.status()).isEqualTo(FAIL);
    assertThat(finding.remedy().orElseThrow()).isInstanceOf(Remedy.Advice.class);
    assertThat(finding.remedy().orElseThrow().text())
        .contains("again with -p KillMode=mixed", "transient");
  }

  @Test
  void mixedWithSessionsInItIsForAPerson() throws IOException {
    FakeMachine fake = tmuxIn(1000, "/system.slice/agent.service");
    fake.says("systemctl " + SHOW + "agent.service", block("agent.service", "mixed", "loaded"));
    Finding finding = look(fake).get(0);
    assertThat(finding.status()).isEqualTo(CAUTION);
    assertThat(finding.remedy().orElseThrow()).isInstanceOf(Remedy.Advice.class);
    assertThat(finding.remedy().orElseThrow().text()).contains("guard session start");
  }

  @Test
  void processSparesThem() throws IOException {
    FakeMachine fake = tmuxIn(1000, "/system.slice/agent.service");
    fake.says("systemctl " + SHOW + "agent.service", block("agent.service", "process", "loaded"));
    assertThat(look(fake).get(0).status()).isEqualTo(PASS);
    assertThat(look(fake).get(0).details()).isNotEmpty();
  }

  @Test
  void aScopeIsNoService() throws IOException {
    FakeMachine fake = tmuxIn(1000, OF_USER + "/guard.slice/guard-session-a.scope");
    fake.process(11, "tmux: server", 'S', 1, 5)
        .in(11, "/user.slice/user-1000.slice/session-2.scope");
    assertThat(look(fake)).extracting(Finding::status).containsExactly(PASS);
    assertThat(fake.asked()).isEmpty();
  }

  @Test
  void theGuardOfADetachedCommandIsOneToo() throws IOException {
    FakeMachine fake = new FakeMachine(root, 1000).underSystemd();
    fake.process(12, "java", 'S', 1, 5).in(12, "/system.slice/bot.service");
    fake.file("proc/12/cmdline", "java\0-Dguard.detached=true\0-jar\0x\0");
    fake.process(13, "java", 'S', 1, 5).in(13, "/system.slice/tomcat.service");
    fake.file("proc/13/cmdline", "java\0-jar\0x\0");
    fake.says("systemctl " + SHOW + "bot.service", block("bot.service", "control-group", "loaded"));
    assertThat(look(fake)).extracting(Finding::subject).containsExactly("bot.service");
  }

  @Test
  void aUnitOfTheUsersOwnManagerGetsAFileOfTheUser() throws IOException {
    FakeMachine fake =
        tmuxIn(1000, OF_USER + "/app.slice/my\\x2dagent.service")
            .directory("run/user/1000/systemd/private");
    fake.says(
        "systemctl --user " + SHOW + "my\\x2dagent.service",
        block("my\\x2dagent.service", "control-group", "loaded"));
    Remedy remedy = look(fake).get(0).remedy().orElseThrow();
    assertThat(remedy)
        .isEqualTo(
            new Remedy.Script(
                false,
                "mkdir -p '/home/vmu/.config/systemd/user/my\\x2dagent.service.d'\n"
                    + "printf '[Service]\\nKillMode=mixed\\n' >'/home/vmu/.config/systemd/user/my\\x2dagent.service.d/zz-guard-killmode.conf'\n"
                    + "env XDG_RUNTIME_DIR=/run/user/1000 systemctl --user daemon-reload\n"));
    assertThat(fake.asked())
        .hasSize(1)
        .allMatch(a -> a.startsWith("{XDG_RUNTIME_DIR=/run/user/1000} "));
  }

  /** Root asks as the user, and writes the user's files as the user: a link there leads nowhere. */
  @Test
  void rootDoesNotTrustAUsersManagerNorItsFiles() throws IOException {
    FakeMachine fake = tmuxIn(0, OF_USER + "/app.slice/agent.service");
    String words =
        "setpriv --reuid=1000 --regid=1001 --clear-groups systemctl --user "
            + SHOW
            + "agent.service";
    fake.says(words, block("agent.service", "control-group", "loaded"));
    Remedy.Script remedy = (Remedy.Script) look(fake).get(0).remedy().orElseThrow();
    assertThat(remedy.root()).isTrue();
    assertThat(remedy.text())
        .startsWith(
            "setpriv --reuid=1000 --regid=1001 --init-groups env XDG_RUNTIME_DIR=/run/user/1000 sh -e -c 'mkdir -p ");
    assertThat(remedy.text().lines()).hasSize(1);
  }

  @Test
  void aServiceThatHasEndedMeanwhileIsNoFinding() throws IOException {
    FakeMachine fake = tmuxIn(1000, "/system.slice/gone.service");
    fake.says(
        "systemctl " + SHOW + "gone.service",
        "KillMode=control-group\nId=gone.service\nLoadState=not-found\nActiveState=inactive\n");
    assertThat(look(fake)).extracting(Finding::status).containsExactly(PASS);
  }

  @Test
  void severalInOneCall() throws IOException {
    FakeMachine fake = tmuxIn(1000, "/system.slice/a.service");
    fake.process(11, "tmux: server", 'S', 1, 5).in(11, "/system.slice/b.service");
    fake.process(12, "tmux: server", 'S', 1, 5).in(12, "/system.slice/a.service");
    String answer =
        block("a.service", "control-group", "loaded")
            + "\n"
            + block("b.service", "mixed", "loaded");
    fake.says("systemctl " + SHOW + "a.service b.service", answer)
        .says("systemctl " + SHOW + "b.service a.service", answer);
    assertThat(look(fake)).extracting(Finding::status).containsExactlyInAnyOrder(FAIL, CAUTION);
    assertThat(look(fake))
        .filteredOn(f -> f.subject().equals("a.service"))
        .allMatch(f -> f.reason().contains("10") && f.reason().contains("12"));
  }

  @Test
  void whatCanNotBeAskedIsNotTakenForHealthy() throws IOException {
    FakeMachine fake = tmuxIn(1000, "/system.slice/agent.service");
    fake.fails("systemctl " + SHOW + "agent.service", "Failed to connect to bus\nmore");
    assertThat(look(fake)).extracting(Finding::status).containsExactly(FAIL);
    assertThat(look(fake).get(0).reason())
        .contains("Failed to connect to bus")
        .doesNotContain("more");
  }

  @Test
  void processesOfOthersAreNotTheUsersConcern() throws IOException {
    FakeMachine fake = tmuxIn(1000, "/system.slice/agent.service").ofUser(10, 1001);
    assertThat(look(fake)).extracting(Finding::status).containsExactly(PASS);
  }

  @Test
  void processesThatVanishAreNoError() throws IOException {
    FakeMachine fake = new FakeMachine(root, 1000).underSystemd().directory("proc/77");
    fake.process(78, "tmux: server", 'S', 1, 5);
    assertThat(look(fake)).extracting(Finding::status).containsExactly(PASS);
  }
}
