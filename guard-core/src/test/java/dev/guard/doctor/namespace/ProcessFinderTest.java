package dev.guard.doctor.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Finding.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which processes are looked at, also when some of them are odd. */
class ProcessFinderTest {
  @TempDir private Path directory;
  private NamespaceFixture fixture;

  @BeforeEach
  void host() throws IOException {
    fixture = new NamespaceFixture(directory);
  }

  private List<String> seen(Integer... pids) throws IOException {
    return fixture.findings(pids).stream()
        .flatMap(f -> f.namespace().stream())
        .flatMap(n -> n.processes().stream())
        .map(m -> m.pid() + " " + m.why())
        .toList();
  }

  private void process(int pid, String name, int user, String... argv) throws IOException {
    fixture.process(pid, name, user, "/", MountinfoText.host(), argv);
  }

  @Test
  void agentsSessionsAndGuardedProcesses() throws IOException {
    process(5, "claude", 1000, "claude");
    process(6, "bash", 1000, "bash");
    process(7, "tmux: server", 1000, "tmux", "new-session", "-d");
    fixture.child(7, 8, "bash", 1000, "/", MountinfoText.host(), "-bash");
    fixture.child(8, 9, "vim", 1000, "/", MountinfoText.host(), "vim");
    fixture.child(7, 10, "node", 1000, "/", MountinfoText.host(), "node", "/usr/bin/codex");
    process(11, "make", 1000, "make");
    fixture.guarded(11);
    fixture.process(
        12, "cc", 1000, "/x/guard/cmd_0123456789abcdef/main", MountinfoText.host(), "cc");
    fixture.process(13, "cc", 1000, "/x/guard/cmd_0123/main", MountinfoText.host(), "cc");
    assertThat(seen())
        .containsExactly(
            "5 agent claude",
            "7 session",
            "8 session",
            "10 agent codex",
            "11 guarded",
            "12 guarded");
  }

  @Test
  void aUserSeesTheUsersOwnAndRootAll() throws IOException {
    process(5, "claude", 1000, "claude");
    process(6, "claude", 1001, "claude");
    assertThat(seen()).containsExactly("5 agent claude", "6 agent claude");
    fixture.as(1000);
    assertThat(seen()).containsExactly("5 agent claude");
  }

  @Test
  void thoseThatAreAskedForAreLookedAtWhosesoeverTheyAre() throws IOException {
    fixture.as(1000);
    process(5, "sshd", 0, "sshd");
    process(6, "claude", 1000, "claude");
    assertThat(seen(5)).containsExactly("5 process");
    assertThat(seen(6, 5, 6)).containsExactly("5 process", "6 agent claude");
  }

  @Test
  void withNobodyThereIsNothingWrong() throws IOException {
    assertThat(fixture.finding().status()).isEqualTo(Verdict.PASS);
  }

  @Test
  void whoVanishesIsNoError() throws IOException {
    process(5, "claude", 1000, "claude");
    for (String file : List.of("status", "cmdline", "cgroup", "mountinfo")) {
      process(6, "claude", 1000, "claude");
      Files.delete(directory.resolve("proc/6/" + file));
      assertThat(fixture.findings()).extracting(Finding::status).containsOnly(Verdict.PASS);
    }
    fixture.file("proc/6/status", "Name:\tclaude\nState:\tZ (zombie)\nPPid:\t1\n");
    assertThat(seen()).containsExactly("5 agent claude");
  }

  @Test
  void whoHasGoneWhenAskedForIsSkipped() throws IOException {
    assertThat(fixture.finding(77).status()).isEqualTo(Verdict.SKIPPED);
  }

  @Test
  void whoCanNotBeReadIsNotTakenForHealthy() throws IOException {
    process(5, "claude", 1000, "claude");
    process(6, "codex", 1000, "codex");
    Files.delete(directory.resolve("proc/6/mountinfo"));
    Files.createDirectories(directory.resolve("proc/6/mountinfo"));
    fixture.file("proc/6/stat", "6 (codex) S 1 6 6 0 -1 0 93 0 0 0 1 2 3 4 20 0 1 0 9 2 9");
    assertThat(fixture.findings())
        .extracting(Finding::subject, Finding::status)
        .containsExactly(tuple("host", Verdict.PASS), tuple("process 6", Verdict.FAIL));
  }

  @Test
  void recordsThatCanNotBeReadHideNobodyElse() throws IOException {
    process(5, "claude", 1000, "claude");
    assertThat(fixture.withoutRecords().findings())
        .extracting(Finding::subject, Finding::status)
        .containsExactly(tuple("host", Verdict.PASS), tuple("records of guard", Verdict.FAIL));
  }

  @Test
  void aFirstThreadThatHasEndedHasNoMountsAndTheOthersHave() throws IOException {
    process(6, "codex", 1000, "codex");
    Files.delete(directory.resolve("proc/6/mountinfo"));
    Files.createDirectories(directory.resolve("proc/6/mountinfo"));
    String stat = " (codex) Z 1 6 6 0 -1 %d 93 0 0 0 1 2 3 4 20 0 2 0 9 2 9";
    fixture.file("proc/6/stat", "6" + stat.formatted(4));
    fixture.file("proc/6/task/6/stat", "6" + stat.formatted(4));
    fixture.file("proc/6/task/8/stat", "8" + stat.formatted(0));
    fixture.file("proc/6/task/8/mountinfo", MountinfoText.host().text());
    assertThat(seen()).containsExactly("6 agent codex");
  }

  @Test
  void oddBytesAreShownAsTheyCanBe() throws IOException {
    MountinfoText mounts =
        MountinfoText.unshared(100).mount("/tmp/\u00ff\u00fe", "0:99", "/", "tmpfs", false);
    String odd = "/user.slice/\u00ff\u001b[31m$(reboot).service";
    fixture.process(5, "cla\u00ffde", 1000, odd, mounts, "claude", "\u00ff\u001b]0;x\u0007", "");
    Finding finding = fixture.finding();
    assertThat(finding.status()).isEqualTo(Verdict.FAIL);
    assertThat(finding.namespace().orElseThrow().processes().get(0).unit()).isEmpty();
    assertThat(finding.remedy().orElseThrow().text()).doesNotContain("\u001b", "reboot");
  }
}
