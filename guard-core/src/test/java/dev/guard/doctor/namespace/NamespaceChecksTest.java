package dev.guard.doctor.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Finding.Verdict;
import dev.guard.doctor.finding.NamespaceFacts;
import dev.guard.doctor.finding.Remedy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The doctor finds what a namespace is, what made it, and how that is known. */
class NamespaceChecksTest {
  private static final String UNIT = "/system.slice/agent.service";
  private static final String OF_USER =
      "/user.slice/user-1000.slice/user@1000.service/app.slice/agent.service";

  @TempDir private Path directory;
  private NamespaceFixture fixture;

  @BeforeEach
  void host() throws IOException {
    fixture = new NamespaceFixture(directory);
  }

  private static MountinfoText full() {
    return MountinfoText.systemd(100).bind("/usr", true).bind("/etc", true);
  }

  private NamespaceFacts facts(Finding finding) {
    return finding.namespace().orElseThrow();
  }

  @Test
  void whoSeesWhatTheFirstProcessSeesPasses() throws IOException {
    fixture.process(5, "claude", 1000, UNIT, MountinfoText.host(), "claude");
    Finding finding = fixture.finding();
    assertThat(finding.status()).isEqualTo(Verdict.PASS);
    assertThat(facts(finding).hosts()).isTrue();
    assertThat(facts(finding).directories())
        .extracting(NamespaceFacts.Directory::path)
        .containsExactly("/etc", "/usr", "/home/me", "/tmp");
    assertThat(facts(finding).directories()).allMatch(NamespaceFacts.Directory::writable);
    assertThat(facts(finding).buses()).allMatch(NamespaceFacts.Bus::reachable);
    assertThat(fixture.asked).isEmpty();
  }

  @Test
  void directivesAreReadFromTheUnit() throws IOException {
    fixture.process(5, "claude", 1000, UNIT, full(), "claude");
    fixture.unit("agent.service", "MainPID=5", "ProtectSystem=full", "ProtectHome=no");
    Finding finding = fixture.finding();
    assertThat(finding.status()).isEqualTo(Verdict.FAIL);
    assertThat(finding.subject()).isEqualTo("agent.service");
    assertThat(finding.reason())
        .isEqualTo("read-only: /etc, /usr; ProtectSystem=full, read from unit agent.service");
    assertThat(facts(finding).source()).isEqualTo("unit");
    assertThat(facts(finding).directives()).containsExactly("ProtectSystem=full");
    assertThat(finding.details())
        .contains(
            "process    5  agent claude  me  agent.service  /system.slice/agent.service  claude",
            "path       /usr      read-only by mount /usr  read-only; process 1: writable by mount /",
            "path       /home/me  writable by mount /      as process 1",
            "bus        /run/user/1000/bus  reachable");
  }

  @Test
  void allUnitsOfAManagerAreAskedForAtOnce() throws IOException {
    fixture.process(5, "claude", 0, UNIT, full(), "claude");
    fixture.process(6, "codex", 0, "/system.slice/b.service", MountinfoText.systemd(200), "codex");
    fixture.unit("agent.service", "MainPID=5", "ProtectSystem=full");
    fixture.unit("b.service", "MainPID=6", "PrivateMounts=yes");
    assertThat(fixture.findings())
        .extracting(Finding::status)
        .containsExactly(Verdict.FAIL, Verdict.CAUTION);
    assertThat(fixture.asked).hasSize(1);
    assertThat(fixture.asked.get(0)).endsWith("--", "agent.service", "b.service");
  }

  @Test
  void directivesAreInferredWhereNoManagerAnswers() throws IOException {
    fixture.process(5, "claude", 1000, UNIT, full(), "claude");
    Finding finding = fixture.finding();
    assertThat(finding.status()).isEqualTo(Verdict.FAIL);
    assertThat(finding.reason())
        .isEqualTo("read-only: /etc, /usr; ProtectSystem=full, inferred from its mounts");
    assertThat(facts(finding).source()).isEqualTo("mounts");
    assertThat(finding.details()).contains("not asked  agent.service: there is no bus");
    assertThat(finding.remedy())
        .as("it may well be the unit")
        .containsInstanceOf(Remedy.Advice.class);
  }

  @Test
  void directivesThatTheUnitHadAreInferred() throws IOException {
    fixture.process(5, "claude", 1000, UNIT, full(), "claude");
    fixture.unit("agent.service", "MainPID=5", "ProtectSystem=no");
    assertThat(fixture.finding().reason())
        .endsWith(
            "ProtectSystem=full, inferred from its mounts; unit agent.service has no such directive now");
  }

  @Test
  void aServerThatLeftItsServiceIsToldByOthersThatAreStillThere() throws IOException {
    fixture.process(5, "tmux: server", 0, "/system.slice/run-u7.scope", full(), "tmux");
    fixture.process(6, "sleep", 0, UNIT, full(), "sleep");
    fixture.unit("agent.service", "MainPID=6", "ProtectSystem=full");
    Finding finding = fixture.finding();
    assertThat(finding.reason()).endsWith("read from unit agent.service");
    assertThat(facts(finding).processes())
        .extracting(NamespaceFacts.SeenProcess::pid)
        .containsExactly(5);
  }

  @Test
  void aServerWhoseServiceHasEndedIsToldByItsMounts() throws IOException {
    fixture.process(5, "tmux: server", 0, "/system.slice/run-u7.scope", full(), "tmux");
    fixture.unit("other.service");
    Finding finding = fixture.finding();
    assertThat(finding.subject()).isEqualTo("namespace of process 5");
    assertThat(finding.reason()).endsWith("ProtectSystem=full, inferred from its mounts");
  }

  @Test
  void whoseUnitIsGoneIsToldByTheMounts() throws IOException {
    fixture.process(5, "tmux: server", 0, UNIT, full(), "tmux");
    fixture.unit("other.service");
    Finding finding = fixture.finding();
    assertThat(finding.reason()).endsWith("ProtectSystem=full, inferred from its mounts");
    assertThat(finding.details()).noneMatch(l -> l.startsWith("not asked"));
    assertThat(finding.remedy()).containsInstanceOf(Remedy.Script.class);
  }

  @Test
  void whatAUnitOfAUsersManagerIsToldIsReadAsThatUser() throws IOException {
    fixture.process(5, "claude", 1000, OF_USER, full(), "claude");
    fixture.unit("agent.service", "MainPID=5", "ProtectSystem=full", "PrivateUsers=yes");
    assertThat(fixture.finding().reason()).endsWith("read from unit agent.service of user 1000");
    assertThat(fixture.asked)
        .anySatisfy(
            words ->
                assertThat(words)
                    .startsWith(
                        "setpriv",
                        "--reuid=1000",
                        "--regid=1000",
                        "--clear-groups",
                        "systemctl",
                        "--user"));
    assertThat(fixture.environments).contains(Map.of("XDG_RUNTIME_DIR", "/run/user/1000"));
  }

  @Test
  void aUserAsksTheUsersOwnManager() throws IOException {
    fixture.as(1000).process(5, "claude", 1000, OF_USER, full(), "claude");
    fixture.unit("agent.service", "MainPID=5", "ProtectSystem=full");
    assertThat(fixture.finding().reason()).endsWith("read from unit agent.service of user 1000");
    assertThat(fixture.asked)
        .anySatisfy(words -> assertThat(words).startsWith("systemctl", "--user"));
  }

  @Test
  void whatAUsersManagerSaysDoesNotReachTheTerminalAsItIs() throws IOException {
    fixture.process(5, "claude", 1000, OF_USER, full(), "claude");
    fixture.unit("agent.service", "MainPID=5", "RootDirectory=/\u001b[31m\u009b");
    Finding finding = fixture.finding();
    assertThat(finding.reason()).contains("RootDirectory=/?[31m?");
    assertThat(finding.remedy().orElseThrow().text()).doesNotContain("\u001b", "\u009b");
  }

  @Test
  void theManagerOfAUserMayItselfBeRestricted() throws IOException {
    fixture.process(
        4,
        "systemd",
        1000,
        "/user.slice/user-1000.slice/user@1000.service/init.scope",
        full(),
        "systemd");
    fixture.process(5, "claude", 1000, OF_USER, full(), "claude");
    fixture.unit("user@1000.service", "MainPID=4", "ProtectSystem=full");
    fixture.unit("agent.service", "MainPID=5");
    assertThat(fixture.finding().subject()).isEqualTo("user@1000.service");
  }

  @Test
  void unshareIsToldFromAService() throws IOException {
    MountinfoText mounts = MountinfoText.unshared(100).bind("/etc", true);
    fixture.process(5, "claude", 0, UNIT, mounts, "claude");
    fixture.process(6, "bash", 0, UNIT, MountinfoText.host(), "bash");
    fixture.unit("agent.service", "MainPID=6");
    Finding finding = fixture.finding();
    assertThat(finding.status()).isEqualTo(Verdict.FAIL);
    assertThat(finding.reason())
        .isEqualTo(
            "read-only: /etc; unshare, or a program that does as it does, inferred from its mounts");
    assertThat(facts(finding).cause()).isEqualTo("unshare");
  }

  @Test
  void aUserWhoMakesANamespaceLooksLikeNoUnitOfTheSystems() throws IOException {
    fixture.process(5, "claude", 1000, "/system.slice/cron.service", full(), "claude");
    fixture.file("proc/5/uid_map", "         0       1000          1\n");
    fixture.process(6, "cron", 0, "/system.slice/cron.service", MountinfoText.host(), "cron");
    fixture.unit("cron.service", "MainPID=6", "PrivateTmp=yes");
    Finding finding = fixture.finding();
    assertThat(facts(finding).source()).isEqualTo("mounts");
    assertThat(finding.remedy().orElseThrow().text()).doesNotContain("cron.service");
  }

  @Test
  void aLeftOverOfAOneShotUnitIsToldByTheUnit() throws IOException {
    fixture.process(5, "tmux: server", 1000, UNIT, full(), "tmux");
    fixture.unit("agent.service", "MainPID=0", "ProtectSystem=full", "KillMode=process");
    assertThat(fixture.finding().reason()).endsWith("read from unit agent.service");
  }

  @Test
  void namesThatMountsHaveAreNoUnits() throws IOException {
    MountinfoText mounts =
        MountinfoText.systemd(100)
            .mount(
                "/tmp",
                MountinfoText.DISK,
                "/tmp/systemd-private-ac4fa21f0f08446cb44cb8a28bfc4a6a-sshd.service-LK2qWA/tmp",
                "ext4",
                false);
    fixture.process(
        5, "claude", 1000, "/user.slice/user-1000.slice/session-1.scope", mounts, "claude");
    fixture.unit("sshd.service", "MainPID=5", "PrivateTmp=yes");
    Finding finding = fixture.finding();
    assertThat(finding.reason())
        .isEqualTo("private: /tmp; PrivateTmp=yes, inferred from its mounts");
    assertThat(fixture.asked).noneMatch(words -> words.contains("sshd.service"));
    assertThat(finding.remedy().orElseThrow().text()).doesNotContain("sshd");
  }

  @Test
  void anotherNamespaceOfProcessesIsAContainer() throws IOException {
    fixture.process(
        5, "claude", 0, "/system.slice/docker.service", MountinfoText.container(100), "claude");
    fixture.status(5, "claude", 1, 0, "5\t1");
    Finding finding = fixture.finding();
    assertThat(finding.status()).isEqualTo(Verdict.CAUTION);
    assertThat(facts(finding).cause()).isEqualTo("container");
    assertThat(finding.remedy()).containsInstanceOf(Remedy.Advice.class);
  }

  @Test
  void theCgroupOfARuntimeIsAContainer() throws IOException {
    String docker = "/system.slice/docker-" + "0a".repeat(32) + ".scope";
    fixture.process(5, "claude", 0, docker, MountinfoText.container(100), "claude");
    MountinfoText other = MountinfoText.systemd(200).bind("/usr", true);
    String snap = "/user.slice/user-1000.slice/user@1000.service/app.slice/snap.code.code-1.scope";
    fixture.process(7, "gemini", 1000, snap, MountinfoText.container(300), "gemini");
    fixture.process(6, "codex", 0, "/system.slice/docker-agent.service", other, "codex");
    MountinfoText named = MountinfoText.systemd(400).bind("/usr", true);
    fixture.process(8, "aider", 0, "/system.slice/docker-agent.scope", named, "aider");
    assertThat(fixture.findings())
        .extracting(f -> facts(f).cause())
        .containsExactly("container", "directives", "container", "directives");
  }

  @Test
  void anotherRootDirectoryIsNoNamespace() throws IOException {
    fixture.process(5, "claude", 0, "/", MountinfoText.host(), "claude");
    fixture.file("proc/5/mountinfo", "18 16 0:15 / / rw shared:1 - proc proc rw\n");
    Finding finding = fixture.finding();
    assertThat(finding.status()).isEqualTo(Verdict.CAUTION);
    assertThat(facts(finding).cause()).isEqualTo("chroot");
    fixture.file("proc/5/mountinfo", "18 16 0:15 / /proc rw shared:1 - proc proc rw\n");
    assertThat(facts(fixture.finding()).cause()).isEqualTo("chroot");
  }

  @Test
  void aNamespaceInWhichAllIsTheSameIsACaution() throws IOException {
    fixture.process(
        5, "claude", 1000, UNIT, MountinfoText.systemd(100).bind("/var/log", false), "claude");
    fixture.unit("agent.service", "MainPID=5", "ReadWritePaths=/var/log");
    Finding finding = fixture.finding();
    assertThat(finding.status()).isEqualTo(Verdict.CAUTION);
    assertThat(finding.reason())
        .isEqualTo(
            "mounts of its own, all of them as those of process 1;"
                + " ReadWritePaths=/var/log, read from unit agent.service");
  }

  @Test
  void anyOtherDirectoryThatWasTakenAwayIsDrift() throws IOException {
    MountinfoText mounts =
        MountinfoText.systemd(100)
            .mount("/srv", MountinfoText.RUN, MountinfoText.INACCESSIBLE, "tmpfs", true);
    fixture.process(5, "claude", 1000, UNIT, mounts, "claude");
    Finding finding = fixture.finding();
    assertThat(finding.status()).isEqualTo(Verdict.FAIL);
    assertThat(finding.details())
        .anyMatch(l -> l.startsWith("elsewhere  /srv  read-only by mount /srv"));
  }

  @Test
  void aProjectInTheHomeDirectoryThatIsReadOnlyIsDrift() throws IOException {
    MountinfoText mounts = MountinfoText.systemd(100).bind("/home/me/project", true);
    fixture.process(5, "claude", 1000, UNIT, mounts, "claude");
    Finding finding = fixture.finding();
    assertThat(finding.status()).isEqualTo(Verdict.FAIL);
    assertThat(finding.details())
        .anyMatch(l -> l.startsWith("elsewhere  /home/me/project  read-only"));
  }

  @Test
  void whatIsAsTheDirectoryAboveItIsNotListedAgain() throws IOException {
    MountinfoText host = MountinfoText.host().mount("/usr/lib/x", "8:17", "/", "ext4", false);
    fixture.process(1, "systemd", 0, "/init.scope", host, "/sbin/init");
    MountinfoText mounts =
        MountinfoText.systemd(100).mount("/usr/lib/x", "8:17", "/", "ext4", false);
    fixture.process(5, "claude", 1000, UNIT, mounts.bind("/usr", true), "claude");
    assertThat(fixture.finding().reason()).startsWith("read-only: /usr; ");
    assertThat(fixture.finding().details()).noneMatch(l -> l.contains("/usr/lib/x"));
  }

  @Test
  void aDiskThatCameLaterIsNoDrift() throws IOException {
    MountinfoText host = MountinfoText.host().mount("/media/disk", "8:17", "/", "ext4", false);
    fixture.process(1, "systemd", 0, "/init.scope", host, "/sbin/init");
    fixture.process(5, "claude", 1000, UNIT, MountinfoText.unshared(100), "claude");
    Finding finding = fixture.finding();
    assertThat(finding.status()).isEqualTo(Verdict.CAUTION);
    assertThat(finding.details())
        .anyMatch(l -> l.startsWith("elsewhere  /media/disk") && l.contains("a mount is missing"));
  }

  @Test
  void aBusThatIsHiddenIsDrift() throws IOException {
    MountinfoText mounts = MountinfoText.systemd(100);
    mounts.mount("/run/user", MountinfoText.RUN, MountinfoText.INACCESSIBLE, "tmpfs", true);
    fixture.process(5, "claude", 1000, UNIT, mounts, "claude");
    Finding finding = fixture.finding();
    assertThat(finding.status()).isEqualTo(Verdict.FAIL);
    assertThat(finding.reason()).startsWith("user me can not reach the user's bus; ");
    assertThat(finding.details())
        .contains("bus        /run/user/1000/bus  inaccessible by mount /run/user");
  }

  @Test
  void aRuntimeDirectoryThatCameLaterIsDrift() throws IOException {
    fixture.process(
        5, "claude", 1000, UNIT, MountinfoText.unshared(100).without("/run/user/1000"), "claude");
    Finding finding = fixture.finding();
    assertThat(finding.status()).isEqualTo(Verdict.FAIL);
    assertThat(finding.details())
        .contains("bus        /run/user/1000/bus  mount /run/user/1000 of process 1 is missing");
  }

  @Test
  void aBusThatTheHostLacksIsNoDrift() throws IOException {
    Files.delete(directory.resolve("root/run/user/1000/bus"));
    fixture.process(5, "claude", 1000, UNIT, MountinfoText.host(), "claude");
    Finding finding = fixture.finding();
    assertThat(finding.status()).isEqualTo(Verdict.PASS);
    assertThat(facts(finding).buses())
        .extracting(NamespaceFacts.Bus::reachable)
        .containsExactly(false);
  }

  @Test
  void theHomeDirectoryOfAnUnknownUserIsLeftOut() throws IOException {
    fixture.process(5, "claude", 4242, UNIT, MountinfoText.host(), "claude");
    assertThat(facts(fixture.finding()).directories())
        .extracting(NamespaceFacts.Directory::path)
        .containsExactly("/etc", "/usr", "/tmp");
    assertThat(fixture.asked).contains(List.of("getent", "passwd", "4242"));
  }

  @Test
  void withoutTheMountsOfTheFirstProcessNothingIsSaid() throws IOException {
    Files.delete(directory.resolve("proc/1/mountinfo"));
    assertThatThrownBy(() -> fixture.findings()).isInstanceOf(IOException.class);
  }
}
