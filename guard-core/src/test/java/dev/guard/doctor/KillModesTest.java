package dev.guard.doctor;

import static dev.guard.doctor.Finding.Status.CAUTION;
import static dev.guard.doctor.Finding.Status.FAIL;
import static dev.guard.doctor.Finding.Status.PASS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KillModesTest {
  private static final String SHOW = "show -p Id,KillMode,LoadState,ActiveState,Transient -- ";
  private static final String OF_USER = "/user.slice/user-1000.slice/user@1000.service";

  @TempDir private Path root;

  private static List<Finding> look(Ward ward) throws IOException {
    Patient patient = ward.patient();
    return new KillModes(patient).findings(new SessionProcesses(patient).find());
  }

  private static String block(String unit, String mode, String load) {
    return "KillMode=" + mode + "\nId=" + unit + "\nLoadState=" + load + "\nActiveState=active\n";
  }

  private Ward tmuxIn(int user, String cgroup) {
    return new Ward(root, user)
        .underSystemd()
        .process(10, "tmux: server", 'S', 1, 5)
        .in(10, cgroup);
  }

  @Test
  void aServiceThatWouldKillTheSessionsInItFails() throws IOException {
    Ward ward = tmuxIn(1000, "/system.slice/agent.service");
    ward.says(
        "systemctl " + SHOW + "agent.service", block("agent.service", "control-group", "loaded"));
    Finding finding = look(ward).get(0);
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
    Ward ward = tmuxIn(1000, "/system.slice/run-r1.service");
    ward.says(
        "systemctl " + SHOW + "run-r1.service",
        block("run-r1.service", "control-group", "loaded").replace("\nId", "\nTransient=yes\nId"));
    Finding finding = look(ward).get(0);
    assertThat(finding.status()).isEqualTo(FAIL);
    assertThat(finding.remedy().orElseThrow()).isInstanceOf(Remedy.Person.class);
    assertThat(finding.remedy().orElseThrow().text())
        .contains("again with -p KillMode=mixed", "transient");
  }

  @Test
  void mixedWithSessionsInItIsForAPerson() throws IOException {
    Ward ward = tmuxIn(1000, "/system.slice/agent.service");
    ward.says("systemctl " + SHOW + "agent.service", block("agent.service", "mixed", "loaded"));
    Finding finding = look(ward).get(0);
    assertThat(finding.status()).isEqualTo(CAUTION);
    assertThat(finding.remedy().orElseThrow()).isInstanceOf(Remedy.Person.class);
    assertThat(finding.remedy().orElseThrow().text()).contains("guard session start");
  }

  @Test
  void processSparesThem() throws IOException {
    Ward ward = tmuxIn(1000, "/system.slice/agent.service");
    ward.says("systemctl " + SHOW + "agent.service", block("agent.service", "process", "loaded"));
    assertThat(look(ward).get(0).status()).isEqualTo(PASS);
    assertThat(look(ward).get(0).details()).isNotEmpty();
  }

  @Test
  void aScopeIsNoService() throws IOException {
    Ward ward = tmuxIn(1000, OF_USER + "/guard.slice/guard-session-a.scope");
    ward.process(11, "tmux: server", 'S', 1, 5)
        .in(11, "/user.slice/user-1000.slice/session-2.scope");
    assertThat(look(ward)).extracting(Finding::status).containsExactly(PASS);
    assertThat(ward.asked()).isEmpty();
  }

  @Test
  void theGuardOfADetachedCommandIsOneToo() throws IOException {
    Ward ward = new Ward(root, 1000).underSystemd();
    ward.process(12, "java", 'S', 1, 5).in(12, "/system.slice/bot.service");
    ward.file("proc/12/cmdline", "java\0-Dguard.detached=true\0-jar\0x\0");
    ward.process(13, "java", 'S', 1, 5).in(13, "/system.slice/tomcat.service");
    ward.file("proc/13/cmdline", "java\0-jar\0x\0");
    ward.says("systemctl " + SHOW + "bot.service", block("bot.service", "control-group", "loaded"));
    assertThat(look(ward)).extracting(Finding::subject).containsExactly("bot.service");
  }

  @Test
  void aUnitOfTheUsersOwnManagerGetsAFileOfTheUser() throws IOException {
    Ward ward =
        tmuxIn(1000, OF_USER + "/app.slice/my\\x2dagent.service")
            .directory("run/user/1000/systemd/private");
    ward.says(
        "systemctl --user " + SHOW + "my\\x2dagent.service",
        block("my\\x2dagent.service", "control-group", "loaded"));
    Remedy remedy = look(ward).get(0).remedy().orElseThrow();
    assertThat(remedy)
        .isEqualTo(
            new Remedy.Script(
                false,
                "mkdir -p '/home/vmu/.config/systemd/user/my\\x2dagent.service.d'\n"
                    + "printf '[Service]\\nKillMode=mixed\\n' >'/home/vmu/.config/systemd/user/my\\x2dagent.service.d/zz-guard-killmode.conf'\n"
                    + "env XDG_RUNTIME_DIR=/run/user/1000 systemctl --user daemon-reload\n"));
    assertThat(ward.asked())
        .hasSize(1)
        .allMatch(a -> a.startsWith("{XDG_RUNTIME_DIR=/run/user/1000} "));
  }

  /** Root asks as the user, and writes the user's files as the user: a link there leads nowhere. */
  @Test
  void rootDoesNotTrustAUsersManagerNorItsFiles() throws IOException {
    Ward ward = tmuxIn(0, OF_USER + "/app.slice/agent.service");
    String words =
        "setpriv --reuid=1000 --regid=1001 --clear-groups systemctl --user "
            + SHOW
            + "agent.service";
    ward.says(words, block("agent.service", "control-group", "loaded"));
    Remedy.Script remedy = (Remedy.Script) look(ward).get(0).remedy().orElseThrow();
    assertThat(remedy.root()).isTrue();
    assertThat(remedy.text())
        .startsWith(
            "setpriv --reuid=1000 --regid=1001 --init-groups env XDG_RUNTIME_DIR=/run/user/1000 sh -e -c 'mkdir -p ");
    assertThat(remedy.text().lines()).hasSize(1);
  }

  @Test
  void aServiceThatHasEndedMeanwhileIsNoFinding() throws IOException {
    Ward ward = tmuxIn(1000, "/system.slice/gone.service");
    ward.says(
        "systemctl " + SHOW + "gone.service",
        "KillMode=control-group\nId=gone.service\nLoadState=not-found\nActiveState=inactive\n");
    assertThat(look(ward)).extracting(Finding::status).containsExactly(PASS);
  }

  @Test
  void severalInOneCall() throws IOException {
    Ward ward = tmuxIn(1000, "/system.slice/a.service");
    ward.process(11, "tmux: server", 'S', 1, 5).in(11, "/system.slice/b.service");
    ward.process(12, "tmux: server", 'S', 1, 5).in(12, "/system.slice/a.service");
    String answer =
        block("a.service", "control-group", "loaded")
            + "\n"
            + block("b.service", "mixed", "loaded");
    ward.says("systemctl " + SHOW + "a.service b.service", answer)
        .says("systemctl " + SHOW + "b.service a.service", answer);
    assertThat(look(ward)).extracting(Finding::status).containsExactlyInAnyOrder(FAIL, CAUTION);
    assertThat(look(ward))
        .filteredOn(f -> f.subject().equals("a.service"))
        .allMatch(f -> f.reason().contains("10") && f.reason().contains("12"));
  }

  @Test
  void whatCanNotBeAskedIsNotTakenForHealthy() throws IOException {
    Ward ward = tmuxIn(1000, "/system.slice/agent.service");
    ward.fails("systemctl " + SHOW + "agent.service", "Failed to connect to bus\nmore");
    assertThat(look(ward)).extracting(Finding::status).containsExactly(FAIL);
    assertThat(look(ward).get(0).reason())
        .contains("Failed to connect to bus")
        .doesNotContain("more");
  }

  @Test
  void processesOfOthersAreNotTheUsersConcern() throws IOException {
    Ward ward = tmuxIn(1000, "/system.slice/agent.service").ofUser(10, 1001);
    assertThat(look(ward)).extracting(Finding::status).containsExactly(PASS);
  }

  @Test
  void processesThatVanishAreNoError() throws IOException {
    Ward ward = new Ward(root, 1000).underSystemd().directory("proc/77");
    ward.process(78, "tmux: server", 'S', 1, 5);
    assertThat(look(ward)).extracting(Finding::status).containsExactly(PASS);
  }
}
