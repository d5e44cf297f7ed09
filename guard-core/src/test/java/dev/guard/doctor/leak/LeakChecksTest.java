package dev.guard.doctor.leak;

import static dev.guard.doctor.finding.Finding.Verdict.CAUTION;
import static dev.guard.doctor.finding.Finding.Verdict.FAIL;
import static dev.guard.doctor.finding.Finding.Verdict.PASS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.command.Orphans.Orphan;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.machine.FakeMachine;
import dev.guard.doctor.machine.OutermostCommand;
import dev.guard.record.RecordFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeakChecksTest {
  private static final String CGROUP = "/sys/fs/cgroup/a.slice/guard/cmd_1";
  private static final OptionalLong NONE = OptionalLong.empty();

  @TempDir private Path root;

  private static OutermostCommand command(String cgroup, Integer... processes) {
    return new OutermostCommand(
        "one", NONE, NONE, NONE, List.of(Path.of(cgroup)), Set.of(processes));
  }

  private static Orphan orphan(String id, Set<Integer> processes) {
    return new Orphan(id, "its guard was killed", processes, Optional.empty());
  }

  // ---- what nobody owns

  @Test
  void orphansAreThoseWithProcesses() {
    List<Orphan> all = List.of(orphan("a", Set.of(3, 4)), orphan("b", Set.of()));
    Finding finding = LeakChecks.orphans(all);
    assertThat(finding.status()).isEqualTo(FAIL);
    assertThat(finding.reason()).contains("2 processes");
    assertThat(finding.details())
        .hasSize(1)
        .allMatch(d -> d.startsWith("command a: its guard was killed"));
    assertThat(finding.remedy().orElseThrow().text()).endsWith("guard reap\n");
    assertThat(LeakChecks.orphans(List.of(orphan("b", Set.of()))).status()).isEqualTo(PASS);
  }

  @Test
  void theRestIsStaleAndSoAreFiles() {
    RecordFiles.LiveRecords files =
        new RecordFiles.LiveRecords(
            List.of(),
            List.of(new RecordFiles.Damaged(Path.of("/s/x.json"), "no JSON")),
            List.of(Path.of("/s/y.new")));
    Finding finding =
        LeakChecks.stale(
            List.of(orphan("a", Set.of(3)), orphan("b", Set.of())),
            files,
            List.of(Path.of("/s/4026532000")));
    assertThat(finding.status()).isEqualTo(CAUTION);
    assertThat(finding.details()).hasSize(4);
    assertThat(finding.details().toString())
        .contains(
            "command b",
            "/s/x.json: damaged, no JSON",
            "/s/y.new",
            "/s/4026532000: of a namespace in which no guard lives");
    RecordFiles.LiveRecords nothing = new RecordFiles.LiveRecords(List.of(), List.of(), List.of());
    assertThat(LeakChecks.stale(List.of(orphan("a", Set.of(3))), nothing, List.of()).status())
        .isEqualTo(PASS);
  }

  @Test
  void noMoreLinesThanAPersonReads() {
    List<String> lines = IntStream.range(0, 30).mapToObj(String::valueOf).toList();
    assertThat(LeakChecks.first(lines)).hasSize(21).endsWith("and 10 more");
  }

  // ---- zombies

  @Test
  void zombiesWithTheirParents() throws IOException {
    FakeMachine fake = new FakeMachine(root, 1000).process(20, "agent", 'S', 1, 7);
    fake.process(21, "a", 'Z', 20, 8).process(22, "b", 'Z', 20, 9).process(23, "c", 'S', 20, 9);
    fake.process(24, "other", 'Z', 20, 9).ofUser(24, 1001);
    List<Finding> findings = Zombies.now(fake.machine()).findings();
    assertThat(findings).hasSize(1);
    assertThat(findings.get(0).status()).isEqualTo(CAUTION);
    assertThat(findings.get(0).reason()).contains("process 20 (agent)", ": 2");
    assertThat(findings.get(0).details()).containsExactly("process 21 (a)", "process 22 (b)");
    assertThat(findings.get(0).remedy().orElseThrow().text()).contains("process 20 (agent)");
  }

  @Test
  void rootSeesThoseOfEverybody() throws IOException {
    FakeMachine fake =
        new FakeMachine(root, 0)
            .process(20, "agent", 'S', 1, 7)
            .process(21, "a", 'Z', 20, 8)
            .ofUser(21, 1001);
    assertThat(Zombies.now(fake.machine()).findings())
        .extracting(Finding::status)
        .containsExactly(CAUTION);
  }

  @Test
  void whoWasOneOnlyForAMomentIsNone() throws IOException {
    FakeMachine fake =
        new FakeMachine(root, 1000).process(20, "agent", 'S', 1, 7).process(21, "a", 'Z', 20, 8);
    fake.process(22, "b", 'Z', 20, 9);
    Zombies before = Zombies.now(fake.machine());
    Files.delete(root.resolve("proc/21/stat"));
    fake.process(22, "b", 'Z', 20, 10);
    assertThat(before.findings()).extracting(Finding::status).containsExactly(PASS);
  }

  // ---- near a limit

  @ParameterizedTest
  @CsvSource({"79,100,PASS", "80,100,CAUTION", "100,100,CAUTION", "5,max,PASS"})
  void tasksFromFourFifthsOn(String current, String max, Finding.Verdict status)
      throws IOException {
    FakeMachine fake = new FakeMachine(root, 1000);
    fake.file(CGROUP.substring(1) + "/pids.current", current)
        .file(CGROUP.substring(1) + "/pids.max", max);
    List<Finding> findings = new NearLimits(fake.machine()).findings(List.of(command(CGROUP)));
    assertThat(findings).extracting(Finding::status).containsExactly(status);
  }

  @Test
  void memoryWithoutWhatTheKernelWouldGiveBack() throws IOException {
    FakeMachine fake =
        new FakeMachine(root, 1000).file(CGROUP.substring(1) + "/memory.max", "1000");
    fake.file(CGROUP.substring(1) + "/memory.current", "990");
    fake.file(CGROUP.substring(1) + "/memory.stat", "anon 500\ninactive_file 400\n");
    NearLimits near = new NearLimits(fake.machine());
    assertThat(near.findings(List.of(command(CGROUP))))
        .extracting(Finding::status)
        .containsExactly(PASS);
    fake.file(CGROUP.substring(1) + "/memory.stat", "anon 900\ninactive_file 10\n");
    Finding finding = near.findings(List.of(command(CGROUP))).get(0);
    assertThat(finding.reason()).isEqualTo("command one has 980 of 1000 bytes of memory");
  }

  @Test
  void theFilesOfV1() throws IOException {
    FakeMachine fake =
        new FakeMachine(root, 1000)
            .file(CGROUP.substring(1) + "/memory.limit_in_bytes", "9223372036854771712");
    fake.file(CGROUP.substring(1) + "/memory.usage_in_bytes", "990");
    NearLimits near = new NearLimits(fake.machine());
    assertThat(near.findings(List.of(command(CGROUP))))
        .extracting(Finding::status)
        .containsExactly(PASS);
    fake.file(CGROUP.substring(1) + "/memory.limit_in_bytes", "1000");
    assertThat(near.findings(List.of(command(CGROUP))))
        .extracting(Finding::status)
        .containsExactly(CAUTION);
  }

  @Test
  void aLimitAboveSeveralIsSaidOnce() throws IOException {
    FakeMachine fake = new FakeMachine(root, 1000).file("sys/fs/cgroup/a.slice/pids.max", "10");
    fake.file("sys/fs/cgroup/a.slice/pids.current", "9");
    fake.file(CGROUP.substring(1) + "/pids.current", "4")
        .file(CGROUP.substring(1) + "/pids.max", "100");
    String other = CGROUP + "2";
    fake.file(other.substring(1) + "/pids.current", "5")
        .file(other.substring(1) + "/pids.max", "100");
    List<Finding> findings =
        new NearLimits(fake.machine()).findings(List.of(command(CGROUP), command(other)));
    assertThat(findings).extracting(Finding::subject).containsExactly("/sys/fs/cgroup/a.slice");
  }

  @ParameterizedTest
  @CsvSource({"7,10,PASS", "8,10,CAUTION", "8,unlimited,PASS"})
  void theProcessWithTheLeastLeft(int open, String limit, Finding.Verdict status)
      throws IOException {
    FakeMachine fake =
        new FakeMachine(root, 1000)
            .openFiles(30, 3, "10")
            .openFiles(31, open, limit)
            .openFiles(32, 1, "10");
    List<Finding> findings =
        new NearLimits(fake.machine()).descriptors(List.of(command(CGROUP, 30, 31, 32, 33)));
    assertThat(findings).extracting(Finding::status).containsExactly(status);
    if (status == CAUTION) {
      assertThat(findings.get(0).reason())
          .isEqualTo("command one: process 31 has 8 of 10 open files");
    }
  }

  @Test
  void cgroupsAndProcessesThatVanishAreNoError() throws IOException {
    FakeMachine fake =
        new FakeMachine(root, 1000).directory("proc/77").process(78, "z", 'Z', 77, 1);
    List<OutermostCommand> gone = new ArrayList<>(List.of(command(CGROUP, 77, 79)));
    assertThat(new NearLimits(fake.machine()).findings(gone))
        .extracting(Finding::status)
        .containsExactly(PASS);
    assertThat(new NearLimits(fake.machine()).descriptors(gone))
        .extracting(Finding::status)
        .containsExactly(PASS);
    assertThat(Zombies.now(fake.machine()).findings().get(0).reason()).contains("process 77 (?)");
  }
}
