package dev.guard.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.doctor.Finding.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found of a namespace, what made it, and how that is known. */
class NamespaceChecksTest {
  private static final String UNIT = "/system.slice/agent.service";
  private static final String OF_USER =
      "/user.slice/user-1000.slice/user@1000.service/app.slice/agent.service";

  @TempDir private Path directory;
  private Scene scene;

  @BeforeEach
  void host() throws IOException {
    scene = new Scene(directory);
  }

  private static Mounts full() {
    return Mounts.systemd(100).bind("/usr", true).bind("/etc", true);
  }

  private NamespaceFacts facts(Finding finding) {
    return finding.namespace().orElseThrow();
  }

  @Test
  void whoSeesWhatTheFirstProcessSeesPasses() throws IOException {
    scene.process(5, "claude", 1000, UNIT, Mounts.host(), "claude");
    Finding finding = scene.finding();
    assertThat(finding.status()).isEqualTo(Status.PASS);
    assertThat(facts(finding).hosts()).isTrue();
    assertThat(facts(finding).directories())
        .extracting(NamespaceFacts.Directory::path)
        .containsExactly("/etc", "/usr", "/home/me", "/tmp");
    assertThat(facts(finding).directories()).allMatch(NamespaceFacts.Directory::writable);
    assertThat(facts(finding).buses()).allMatch(NamespaceFacts.Bus::reachable);
    assertThat(scene.asked).isEmpty();
  }

  @Test
  void directivesAreReadFromTheUnit() throws IOException {
    scene.process(5, "claude", 1000, UNIT, full(), "claude");
    scene.unit("agent.service", "MainPID=5", "ProtectSystem=full", "ProtectHome=no");
    Finding finding = scene.finding();
    assertThat(finding.status()).isEqualTo(Status.FAIL);
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
    scene.process(5, "claude", 0, UNIT, full(), "claude");
    scene.process(6, "codex", 0, "/system.slice/b.service", Mounts.systemd(200), "codex");
    scene.unit("agent.service", "MainPID=5", "ProtectSystem=full");
    scene.unit("b.service", "MainPID=6", "PrivateMounts=yes");
    assertThat(scene.findings())
        .extracting(Finding::status)
        .containsExactly(Status.FAIL, Status.CAUTION);
    assertThat(scene.asked).hasSize(1);
    assertThat(scene.asked.get(0)).endsWith("--", "agent.service", "b.service");
  }

  @Test
  void directivesAreInferredWhereNoManagerAnswers() throws IOException {
    scene.process(5, "claude", 1000, UNIT, full(), "claude");
    Finding finding = scene.finding();
    assertThat(finding.status()).isEqualTo(Status.FAIL);
    assertThat(finding.reason())
        .isEqualTo("read-only: /etc, /usr; ProtectSystem=full, inferred from its mounts");
    assertThat(facts(finding).source()).isEqualTo("mounts");
    assertThat(finding.details()).contains("not asked  agent.service: there is no bus");
    assertThat(finding.remedy())
        .as("it may well be the unit")
        .containsInstanceOf(Remedy.Person.class);
  }

  @Test
  void directivesThatTheUnitHadAreInferred() throws IOException {
    scene.process(5, "claude", 1000, UNIT, full(), "claude");
    scene.unit("agent.service", "MainPID=5", "ProtectSystem=no");
    assertThat(scene.finding().reason())
        .endsWith(
            "ProtectSystem=full, inferred from its mounts; unit agent.service has no such directive now");
  }

  @Test
  void aServerThatLeftItsServiceIsToldByOthersThatAreStillThere() throws IOException {
    scene.process(5, "tmux: server", 0, "/system.slice/run-u7.scope", full(), "tmux");
    scene.process(6, "sleep", 0, UNIT, full(), "sleep");
    scene.unit("agent.service", "MainPID=6", "ProtectSystem=full");
    Finding finding = scene.finding();
    assertThat(finding.reason()).endsWith("read from unit agent.service");
    assertThat(facts(finding).processes())
        .extracting(NamespaceFacts.Member::pid)
        .containsExactly(5);
  }

  @Test
  void aServerWhoseServiceHasEndedIsToldByItsMounts() throws IOException {
    scene.process(5, "tmux: server", 0, "/system.slice/run-u7.scope", full(), "tmux");
    scene.unit("other.service");
    Finding finding = scene.finding();
    assertThat(finding.subject()).isEqualTo("namespace of process 5");
    assertThat(finding.reason()).endsWith("ProtectSystem=full, inferred from its mounts");
  }

  @Test
  void whoseUnitIsGoneIsToldByTheMounts() throws IOException {
    scene.process(5, "tmux: server", 0, UNIT, full(), "tmux");
    scene.unit("other.service");
    Finding finding = scene.finding();
    assertThat(finding.reason()).endsWith("ProtectSystem=full, inferred from its mounts");
    assertThat(finding.details()).noneMatch(l -> l.startsWith("not asked"));
    assertThat(finding.remedy()).containsInstanceOf(Remedy.Script.class);
  }

  @Test
  void whatAUnitOfAUsersManagerIsToldIsReadAsThatUser() throws IOException {
    scene.process(5, "claude", 1000, OF_USER, full(), "claude");
    scene.unit("agent.service", "MainPID=5", "ProtectSystem=full", "PrivateUsers=yes");
    assertThat(scene.finding().reason()).endsWith("read from unit agent.service of user 1000");
    assertThat(scene.asked)
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
    assertThat(scene.environments).contains(Map.of("XDG_RUNTIME_DIR", "/run/user/1000"));
  }

  @Test
  void aUserAsksTheUsersOwnManager() throws IOException {
    scene.as(1000).process(5, "claude", 1000, OF_USER, full(), "claude");
    scene.unit("agent.service", "MainPID=5", "ProtectSystem=full");
    assertThat(scene.finding().reason()).endsWith("read from unit agent.service of user 1000");
    assertThat(scene.asked)
        .anySatisfy(words -> assertThat(words).startsWith("systemctl", "--user"));
  }

  @Test
  void whatAUsersManagerSaysDoesNotReachTheTerminalAsItIs() throws IOException {
    scene.process(5, "claude", 1000, OF_USER, full(), "claude");
    scene.unit("agent.service", "MainPID=5", "RootDirectory=/\u001b[31m\u009b");
    Finding finding = scene.finding();
    assertThat(finding.reason()).contains("RootDirectory=/?[31m?");
    assertThat(finding.remedy().orElseThrow().text()).doesNotContain("\u001b", "\u009b");
  }

  @Test
  void theManagerOfAUserMayItselfBeRestricted() throws IOException {
    scene.process(
        4,
        "systemd",
        1000,
        "/user.slice/user-1000.slice/user@1000.service/init.scope",
        full(),
        "systemd");
    scene.process(5, "claude", 1000, OF_USER, full(), "claude");
    scene.unit("user@1000.service", "MainPID=4", "ProtectSystem=full");
    scene.unit("agent.service", "MainPID=5");
    assertThat(scene.finding().subject()).isEqualTo("user@1000.service");
  }

  @Test
  void unshareIsToldFromAService() throws IOException {
    Mounts mounts = Mounts.unshared(100).bind("/etc", true);
    scene.process(5, "claude", 0, UNIT, mounts, "claude");
    scene.process(6, "bash", 0, UNIT, Mounts.host(), "bash");
    scene.unit("agent.service", "MainPID=6");
    Finding finding = scene.finding();
    assertThat(finding.status()).isEqualTo(Status.FAIL);
    assertThat(finding.reason())
        .isEqualTo(
            "read-only: /etc; unshare, or a program that does as it does, inferred from its mounts");
    assertThat(facts(finding).cause()).isEqualTo("unshare");
  }

  @Test
  void aUserWhoMakesANamespaceLooksLikeNoUnitOfTheSystems() throws IOException {
    scene.process(5, "claude", 1000, "/system.slice/cron.service", full(), "claude");
    scene.file("proc/5/uid_map", "         0       1000          1\n");
    scene.process(6, "cron", 0, "/system.slice/cron.service", Mounts.host(), "cron");
    scene.unit("cron.service", "MainPID=6", "PrivateTmp=yes");
    Finding finding = scene.finding();
    assertThat(facts(finding).source()).isEqualTo("mounts");
    assertThat(finding.remedy().orElseThrow().text()).doesNotContain("cron.service");
  }

  @Test
  void aLeftOverOfAOneShotUnitIsToldByTheUnit() throws IOException {
    scene.process(5, "tmux: server", 1000, UNIT, full(), "tmux");
    scene.unit("agent.service", "MainPID=0", "ProtectSystem=full", "KillMode=process");
    assertThat(scene.finding().reason()).endsWith("read from unit agent.service");
  }

  @Test
  void namesThatMountsHaveAreNoUnits() throws IOException {
    Mounts mounts =
        Mounts.systemd(100)
            .mount(
                "/tmp",
                Mounts.DISK,
                "/tmp/systemd-private-ac4fa21f0f08446cb44cb8a28bfc4a6a-sshd.service-LK2qWA/tmp",
                "ext4",
                false);
    scene.process(
        5, "claude", 1000, "/user.slice/user-1000.slice/session-1.scope", mounts, "claude");
    scene.unit("sshd.service", "MainPID=5", "PrivateTmp=yes");
    Finding finding = scene.finding();
    assertThat(finding.reason())
        .isEqualTo("private: /tmp; PrivateTmp=yes, inferred from its mounts");
    assertThat(scene.asked).noneMatch(words -> words.contains("sshd.service"));
    assertThat(finding.remedy().orElseThrow().text()).doesNotContain("sshd");
  }

  @Test
  void anotherNamespaceOfProcessesIsAContainer() throws IOException {
    scene.process(5, "claude", 0, "/system.slice/docker.service", Mounts.container(100), "claude");
    scene.status(5, "claude", 1, 0, "5\t1");
    Finding finding = scene.finding();
    assertThat(finding.status()).isEqualTo(Status.CAUTION);
    assertThat(facts(finding).cause()).isEqualTo("container");
    assertThat(finding.remedy()).containsInstanceOf(Remedy.Person.class);
  }

  @Test
  void theCgroupOfARuntimeIsAContainer() throws IOException {
    String docker = "/system.slice/docker-" + "0a".repeat(32) + ".scope";
    scene.process(5, "claude", 0, docker, Mounts.container(100), "claude");
    Mounts other = Mounts.systemd(200).bind("/usr", true);
    String snap = "/user.slice/user-1000.slice/user@1000.service/app.slice/snap.code.code-1.scope";
    scene.process(7, "gemini", 1000, snap, Mounts.container(300), "gemini");
    scene.process(6, "codex", 0, "/system.slice/docker-agent.service", other, "codex");
    assertThat(scene.findings())
        .extracting(f -> facts(f).cause())
        .containsExactly("container", "directives", "container");
  }

  @Test
  void anotherRootDirectoryIsNoNamespace() throws IOException {
    scene.process(5, "claude", 0, "/", Mounts.host(), "claude");
    scene.file("proc/5/mountinfo", "18 16 0:15 / / rw shared:1 - proc proc rw\n");
    Finding finding = scene.finding();
    assertThat(finding.status()).isEqualTo(Status.CAUTION);
    assertThat(facts(finding).cause()).isEqualTo("chroot");
    scene.file("proc/5/mountinfo", "18 16 0:15 / /proc rw shared:1 - proc proc rw\n");
    assertThat(facts(scene.finding()).cause()).isEqualTo("chroot");
  }

  @Test
  void aNamespaceInWhichAllIsTheSameIsACaution() throws IOException {
    scene.process(5, "claude", 1000, UNIT, Mounts.systemd(100).bind("/var/log", false), "claude");
    scene.unit("agent.service", "MainPID=5", "ReadWritePaths=/var/log");
    Finding finding = scene.finding();
    assertThat(finding.status()).isEqualTo(Status.CAUTION);
    assertThat(finding.reason())
        .isEqualTo(
            "mounts of its own, all of them as those of process 1;"
                + " ReadWritePaths=/var/log, read from unit agent.service");
  }

  @Test
  void anyOtherDirectoryThatWasTakenAwayIsDrift() throws IOException {
    Mounts mounts =
        Mounts.systemd(100).mount("/srv", Mounts.RUN, Mounts.INACCESSIBLE, "tmpfs", true);
    scene.process(5, "claude", 1000, UNIT, mounts, "claude");
    Finding finding = scene.finding();
    assertThat(finding.status()).isEqualTo(Status.FAIL);
    assertThat(finding.details())
        .anyMatch(l -> l.startsWith("elsewhere  /srv  read-only by mount /srv"));
  }

  @Test
  void aProjectInTheHomeDirectoryThatIsReadOnlyIsDrift() throws IOException {
    Mounts mounts = Mounts.systemd(100).bind("/home/me/project", true);
    scene.process(5, "claude", 1000, UNIT, mounts, "claude");
    Finding finding = scene.finding();
    assertThat(finding.status()).isEqualTo(Status.FAIL);
    assertThat(finding.details())
        .anyMatch(l -> l.startsWith("elsewhere  /home/me/project  read-only"));
  }

  @Test
  void whatIsAsTheDirectoryAboveItIsNotListedAgain() throws IOException {
    Mounts host = Mounts.host().mount("/usr/lib/x", "8:17", "/", "ext4", false);
    scene.process(1, "systemd", 0, "/init.scope", host, "/sbin/init");
    Mounts mounts = Mounts.systemd(100).mount("/usr/lib/x", "8:17", "/", "ext4", false);
    scene.process(5, "claude", 1000, UNIT, mounts.bind("/usr", true), "claude");
    assertThat(scene.finding().reason()).startsWith("read-only: /usr; ");
    assertThat(scene.finding().details()).noneMatch(l -> l.contains("/usr/lib/x"));
  }

  @Test
  void aDiskThatCameLaterIsNoDrift() throws IOException {
    Mounts host = Mounts.host().mount("/media/disk", "8:17", "/", "ext4", false);
    scene.process(1, "systemd", 0, "/init.scope", host, "/sbin/init");
    scene.process(5, "claude", 1000, UNIT, Mounts.unshared(100), "claude");
    Finding finding = scene.finding();
    assertThat(finding.status()).isEqualTo(Status.CAUTION);
    assertThat(finding.details())
        .anyMatch(l -> l.startsWith("elsewhere  /media/disk") && l.contains("a mount is missing"));
  }

  @Test
  void aBusThatIsHiddenIsDrift() throws IOException {
    Mounts mounts = Mounts.systemd(100);
    mounts.mount("/run/user", Mounts.RUN, Mounts.INACCESSIBLE, "tmpfs", true);
    scene.process(5, "claude", 1000, UNIT, mounts, "claude");
    Finding finding = scene.finding();
    assertThat(finding.status()).isEqualTo(Status.FAIL);
    assertThat(finding.reason()).startsWith("user me can not reach the user's bus; ");
    assertThat(finding.details())
        .contains("bus        /run/user/1000/bus  inaccessible by mount /run/user");
  }

  @Test
  void aRuntimeDirectoryThatCameLaterIsDrift() throws IOException {
    scene.process(
        5, "claude", 1000, UNIT, Mounts.unshared(100).without("/run/user/1000"), "claude");
    Finding finding = scene.finding();
    assertThat(finding.status()).isEqualTo(Status.FAIL);
    assertThat(finding.details())
        .contains("bus        /run/user/1000/bus  mount /run/user/1000 of process 1 is missing");
  }

  @Test
  void aBusThatTheHostLacksIsNoDrift() throws IOException {
    Files.delete(directory.resolve("root/run/user/1000/bus"));
    scene.process(5, "claude", 1000, UNIT, Mounts.host(), "claude");
    Finding finding = scene.finding();
    assertThat(finding.status()).isEqualTo(Status.PASS);
    assertThat(facts(finding).buses())
        .extracting(NamespaceFacts.Bus::reachable)
        .containsExactly(false);
  }

  @Test
  void theHomeDirectoryOfAnUnknownUserIsLeftOut() throws IOException {
    scene.process(5, "claude", 4242, UNIT, Mounts.host(), "claude");
    assertThat(facts(scene.finding()).directories())
        .extracting(NamespaceFacts.Directory::path)
        .containsExactly("/etc", "/usr", "/tmp");
    assertThat(scene.asked).contains(List.of("getent", "passwd", "4242"));
  }

  @Test
  void withoutTheMountsOfTheFirstProcessNothingIsSaid() throws IOException {
    Files.delete(directory.resolve("proc/1/mountinfo"));
    assertThatThrownBy(() -> scene.findings()).isInstanceOf(IOException.class);
  }
}
