package dev.guard.doctor.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.doctor.finding.Remedy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is to be run. That it helps is shown where there is a systemd, in the guest suite. */
class NamespaceRemedyTest {
  private static final String UNIT = "/system.slice/agent.service";
  private static final String OF_USER =
      "/user.slice/user-1000.slice/user@1000.service/app.slice/agent.service";
  private static final String DROP_IN = "/etc/systemd/system/agent.service.d";
  private static final List<String> END_7 =
      List.of(
          "holds() { grep -qs '^100 ' \"/proc/$1/mountinfo\"; }",
          "for pid in 7; do ! holds $pid || kill $pid || :; done",
          "for pid in 7; do for i in 1 2 3; do ! holds $pid || sleep 1; done; done",
          "for pid in 7; do ! holds $pid || kill -KILL $pid || :; done");

  @TempDir private Path directory;
  private NamespaceFixture fixture;

  @BeforeEach
  void host() throws IOException {
    fixture = new NamespaceFixture(directory);
  }

  private static MountinfoText full() {
    return MountinfoText.systemd(100).bind("/usr", true).bind("/etc", true);
  }

  private Remedy remedy() throws IOException {
    return fixture.finding().remedy().orElseThrow();
  }

  private List<String> script(boolean root) throws IOException {
    assertThat(remedy()).isInstanceOf(Remedy.Script.class);
    assertThat(((Remedy.Script) remedy()).root()).isEqualTo(root);
    return remedy().text().lines().toList();
  }

  @Test
  void takesBackExactlyWhatIsSetInAFileBesideTheUnits() throws IOException {
    fixture.process(5, "claude", 1000, UNIT, full(), "claude");
    fixture.unit(
        "agent.service",
        "MainPID=5",
        "ProtectSystem=strict",
        "ReadWritePaths=/a /b",
        "PrivateTmp=no");
    assertThat(script(true))
        .containsExactly(
            "mkdir -p " + DROP_IN,
            "printf '[Service]\\nProtectSystem=no\\nReadWritePaths=\\n' >"
                + DROP_IN
                + "/zz-guard-namespace.conf",
            "systemctl daemon-reload",
            "systemctl restart agent.service");
  }

  @Test
  void isForRootAlsoWhenAUserAsks() throws IOException {
    fixture.as(1000).process(5, "claude", 1000, UNIT, full(), "claude");
    fixture.unit("agent.service", "MainPID=5", "ProtectSystem=full");
    assertThat(script(true)).contains("systemctl restart agent.service");
  }

  @Test
  void endsWhoLeftTheUnitBeforeItIsStartedAgain() throws IOException {
    fixture.process(5, "claude", 0, UNIT, full(), "claude");
    fixture.process(7, "tmux: server", 0, "/system.slice/run-u7.scope", full(), "tmux");
    fixture.unit("agent.service", "MainPID=5", "PrivateTmp=yes", "KillMode=control-group");
    List<String> script = script(true);
    assertThat(script.subList(3, 7)).isEqualTo(END_7);
    assertThat(script).last().isEqualTo("systemctl restart agent.service");
  }

  @Test
  void endsThoseToWhomARestartDoesNothing() throws IOException {
    fixture.process(5, "claude", 0, UNIT, full(), "claude");
    fixture.process(7, "tmux: server", 0, UNIT, full(), "tmux");
    fixture.unit("agent.service", "MainPID=5", "PrivateTmp=yes", "KillMode=process");
    assertThat(script(true)).containsAll(END_7);
    fixture.unit("agent.service", "MainPID=5", "PrivateTmp=yes", "KillMode=mixed");
    assertThat(script(true)).noneMatch(line -> line.contains("kill"));
  }

  @Test
  void aUnitThatHasBeenChangedIsOnlyStartedAgain() throws IOException {
    fixture.process(5, "claude", 0, UNIT, full(), "claude");
    fixture.unit("agent.service", "MainPID=5");
    assertThat(script(true))
        .containsExactly("systemctl daemon-reload", "systemctl restart agent.service");
  }

  @Test
  void aUsersUnitIsChangedByTheUser() throws IOException {
    fixture.as(1000).process(5, "claude", 1000, OF_USER, full(), "claude");
    fixture.unit("agent.service", "MainPID=5", "ProtectHome=read-only");
    String path = "/home/me/.config/systemd/user/agent.service.d";
    String manager = "XDG_RUNTIME_DIR=/run/user/1000 systemctl --user ";
    assertThat(script(false))
        .containsExactly(
            "mkdir -p " + path,
            "printf '[Service]\\nProtectHome=no\\n' >" + path + "/zz-guard-namespace.conf",
            manager + "daemon-reload",
            manager + "restart agent.service");
  }

  @Test
  void rootWritesNothingInAUsersDirectory() throws IOException {
    fixture.file("root/etc/passwd", "me:x:1000:1000::/home/o'brien:/bin/sh\n");
    fixture.process(5, "claude", 1000, OF_USER, full(), "claude");
    fixture.unit("agent.service", "MainPID=5", "ProtectHome=read-only");
    List<String> script = script(true);
    String as =
        "setpriv --reuid=1000 --regid=1000 --init-groups env XDG_RUNTIME_DIR=/run/user/1000 ";
    assertThat(script).allMatch(line -> line.startsWith(as));
    String path = Remedy.quoted("/home/o'brien/.config/systemd/user/agent.service.d");
    assertThat(script).first().isEqualTo(as + "sh -c " + Remedy.quoted("mkdir -p " + path));
    assertThat(script).last().isEqualTo(as + "systemctl --user restart agent.service");
  }

  @Test
  void whatTheUnitCanNotBeWithoutIsForAPerson() throws IOException {
    fixture.process(5, "claude", 0, UNIT, full(), "claude");
    for (String directive : List.of("DynamicUser=yes", "RootImage=/a.raw", "RootDirectory=/a")) {
      fixture.unit("agent.service", "MainPID=5", "ProtectSystem=strict", directive);
      assertThat(remedy()).isInstanceOf(Remedy.Advice.class);
    }
  }

  @Test
  void withoutAHomeDirectoryAUsersUnitIsForAPerson() throws IOException {
    fixture.file("root/etc/passwd", "me:x:1000:1000::/home/\u0007:/bin/sh\n");
    fixture.process(5, "claude", 1000, OF_USER, full(), "claude");
    fixture.unit("agent.service", "MainPID=5", "ProtectHome=read-only");
    assertThat(remedy()).isInstanceOf(Remedy.Advice.class);
  }

  @Test
  void aTransientUnitGetsNoFile() throws IOException {
    fixture.process(5, "claude", 0, UNIT, full(), "claude");
    fixture.unit("agent.service", "MainPID=5", "ProtectSystem=strict", "Transient=yes");
    assertThat(remedy()).isInstanceOf(Remedy.Advice.class);
    assertThat(remedy().text()).contains("transient", "ProtectSystem=strict");
  }

  /** Somebody may have asked about any process of the machine. */
  @Test
  void whatIsNotKnownIsNotEnded() throws IOException {
    fixture.process(7, "postgres", 1000, "/system.slice/run-u7.scope", full(), "postgres");
    Remedy remedy = fixture.finding(7).remedy().orElseThrow();
    assertThat(remedy).isInstanceOf(Remedy.Advice.class);
    fixture.process(8, "tmux: server", 1000, "/system.slice/run-u7.scope", full(), "tmux");
    String both = fixture.finding(7, 8).remedy().orElseThrow().text();
    assertThat(both).contains("for pid in 8; do").doesNotContain("for pid in 7");
  }

  @Test
  void whoseUnitIsNotKnownIsEnded() throws IOException {
    fixture.process(7, "tmux: server", 1000, "/system.slice/run-u7.scope", full(), "tmux");
    assertThat(script(true)).startsWith(END_7.toArray(String[]::new));
    fixture.as(1000);
    assertThat(script(false)).startsWith(END_7.toArray(String[]::new));
  }

  @Test
  void rootIsNotToldToRunItAsRootWhereAManagerIsSilent() throws IOException {
    fixture.process(5, "claude", 0, "/system.slice/agent.service", full(), "claude");
    assertThat(fixture.finding().remedy().orElseThrow().text())
        .contains("where the manager of the unit can be asked")
        .doesNotContain("as root");
  }
}
