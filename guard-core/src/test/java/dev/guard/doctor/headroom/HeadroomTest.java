package dev.guard.doctor.headroom;

import static dev.guard.doctor.finding.Finding.Verdict.CAUTION;
import static dev.guard.doctor.finding.Finding.Verdict.FAIL;
import static dev.guard.doctor.finding.Finding.Verdict.PASS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.config.GuardConfig;
import dev.guard.config.Setting;
import dev.guard.doctor.finding.Check;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Remedy;
import dev.guard.doctor.machine.FakeMachine;
import dev.guard.doctor.machine.OutermostCommand;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The arithmetic, against made-up sysctl trees and the live one. */
class HeadroomTest {
  private static final String SLICE = "/sys/fs/cgroup/user.slice/guard.slice";
  private static final OptionalLong NONE = OptionalLong.empty();

  @TempDir private Path root;

  private FakeMachine machine(String fileMax, String pidMax, String threadsMax, long memoryKib) {
    return new FakeMachine(root, 1000)
        .file("proc/sys/fs/file-max", fileMax + "\n")
        .file("proc/sys/fs/file-nr", "1200\t0\t" + fileMax + "\n")
        .file("proc/sys/fs/nr_open", "1048576\n")
        .file("proc/sys/kernel/pid_max", pidMax + "\n")
        .file("proc/sys/kernel/threads-max", threadsMax + "\n")
        .file("proc/loadavg", "0.20 0.18 0.12 1/200 11206\n")
        .file("proc/meminfo", "MemTotal:       " + memoryKib + " kB\nMemFree: 1 kB\n");
  }

  private static OutermostCommand command(
      OptionalLong files, OptionalLong tasks, OptionalLong memory, String cgroup) {
    List<Path> cgroups = cgroup.isEmpty() ? List.of() : List.of(Path.of(cgroup));
    return new OutermostCommand("a", files, tasks, memory, cgroups, Set.of());
  }

  private static List<OutermostCommand> times(int count, OutermostCommand command) {
    List<OutermostCommand> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(command);
    }
    return all;
  }

  private static Finding only(Check check, FakeMachine fake, List<OutermostCommand> commands)
      throws IOException {
    return new HeadroomChecks(fake.machine())
        .findings(commands).stream()
            .filter(f -> f.check() == check && f.subject().isEmpty())
            .findFirst()
            .orElseThrow();
  }

  private static OptionalLong of(long n) {
    return OptionalLong.of(n);
  }

  // ---- open files

  /** 100 commands of 1000: the table must be twice as large. */
  @ParameterizedTest
  @CsvSource({"200000,PASS", "199999,CAUTION", "100000,CAUTION", "99999,FAIL"})
  void openFilesOfAllAgainstTheTable(String fileMax, Finding.Verdict status) throws IOException {
    FakeMachine fake = machine(fileMax, "4194304", "100000", 1 << 24);
    Finding finding = only(Check.OPEN_FILES, fake, times(100, command(of(1000), NONE, NONE, "")));
    assertThat(finding.status()).isEqualTo(status);
    assertThat(finding.reason())
        .contains(
            "100 commands may take 100000 open files",
            "fs.file-max, " + fileMax,
            "1200 open files");
    assertThat(finding.remedy().isPresent()).isEqualTo(status != PASS);
  }

  @Test
  void itsScriptSetsWhatIsEnough() throws IOException {
    FakeMachine fake = machine("150000", "4194304", "100000", 1 << 24);
    List<OutermostCommand> commands = times(100, command(of(1000), NONE, NONE, ""));
    Remedy remedy = only(Check.OPEN_FILES, fake, commands).remedy().orElseThrow();
    assertThat(remedy).isInstanceOf(Remedy.Script.class);
    String script = remedy.text();
    assertThat(script)
        .contains("/etc/sysctl.d/90-guard-file-max.conf", "sysctl -q -w fs.file-max=");
    String enough = script.replaceAll("(?s).*-w fs.file-max=(\\d+)\n", "$1");
    fake.file("proc/sys/fs/file-max", enough + "\n");
    assertThat(only(Check.OPEN_FILES, fake, commands).status()).isEqualTo(PASS);
    assertThat(Long.parseLong(enough)).isBetween(200_000L, 202_048L);
  }

  @Test
  void aTableThatIsFullWithoutCommandsIsSeenToo() throws IOException {
    FakeMachine fake = machine("2000", "4194304", "100000", 1 << 24);
    Finding finding = only(Check.OPEN_FILES, fake, List.of());
    assertThat(finding.status()).isEqualTo(CAUTION);
    assertThat(finding.reason()).contains("no command runs", "1200 open files (60 %)");
  }

  @Test
  void theLargestTableThereIs() throws IOException {
    FakeMachine fake = machine("18446744073709551615", "4194304", "100000", 1 << 24);
    Finding finding =
        only(Check.OPEN_FILES, fake, times(3, command(of(Long.MAX_VALUE / 2), NONE, NONE, "")));
    assertThat(finding.status()).isEqualTo(CAUTION);
    assertThat(finding.remedy().orElseThrow()).isInstanceOf(Remedy.Advice.class);
  }

  @Test
  void whoHasNoLimitIsSaid() throws IOException {
    FakeMachine fake = machine("200000", "4194304", "100000", 1 << 24);
    Finding finding =
        only(
            Check.OPEN_FILES,
            fake,
            List.of(command(NONE, NONE, NONE, ""), command(of(5), NONE, NONE, "")));
    assertThat(finding.status()).isEqualTo(CAUTION);
    assertThat(finding.reason())
        .contains(
            "2 commands may take 200000 open files (100 %)",
            "all of it, since they have no limit: 1 of them");
    assertThat(finding.remedy().orElseThrow().text()).contains("Give every command a limit");
  }

  /** As it is with the settings that are built in: no command has a limit of memory. */
  @Test
  void whatHasNoLimitMayTakeAllOfIt() throws IOException {
    FakeMachine fake = machine("200000", "4194304", "100000", 1 << 24);
    for (int count : List.of(1, 18)) {
      List<OutermostCommand> commands = times(count, command(of(1), NONE, NONE, ""));
      for (Check check : List.of(Check.MEMORY, Check.TASKS)) {
        Finding finding = only(check, fake, commands);
        assertThat(finding.status()).as(finding.reason()).isEqualTo(CAUTION);
        assertThat(finding.reason()).contains("(100 %)", "no limit: " + count + " of them");
        assertThat(finding.remedy().orElseThrow()).isInstanceOf(Remedy.Advice.class);
      }
    }
    List<OutermostCommand> more = new ArrayList<>(times(17, command(NONE, NONE, of(1L << 30), "")));
    more.add(command(NONE, NONE, NONE, ""));
    assertThat(only(Check.MEMORY, fake, more).status()).isEqualTo(FAIL);
  }

  @Test
  void theSettingAgainstWhatOneProcessCanHave() throws Exception {
    FakeMachine fake = machine("200000", "4194304", "100000", 1 << 24);
    GuardConfig config = GuardConfig.defaultsWith(Map.of(Setting.OPEN_FILES, "1048577"));
    Finding finding =
        new HeadroomChecks(fake.machine(config))
            .findings(List.of()).stream()
                .filter(f -> f.subject().equals("fs.nr_open"))
                .findFirst()
                .orElseThrow();
    assertThat(finding.status()).isEqualTo(CAUTION);
    assertThat(finding.remedy().orElseThrow().text()).endsWith("sysctl -q -w fs.nr_open=1048577\n");
    fake.file("proc/sys/fs/nr_open", "1048577\n");
    assertThat(
            Headroom.openFilesOfOne(of(1_048_577), MachineCapacity.of(fake.machine().procfs()))
                .status())
        .isEqualTo(PASS);
  }

  // ---- tasks

  /** 10 commands of 1000: a fifth must be left. */
  @ParameterizedTest
  @CsvSource({
    "12500,99999,PASS",
    "99999,12500,PASS",
    "12499,99999,CAUTION",
    "99999,12499,CAUTION",
    "10000,99999,CAUTION",
    "9999,99999,FAIL",
    "99999,9999,FAIL"
  })
  void tasksAgainstTheLesserOfBoth(String pidMax, String threadsMax, Finding.Verdict status)
      throws IOException {
    FakeMachine fake = machine("200000", pidMax, threadsMax, 1 << 24);
    Finding finding = only(Check.TASKS, fake, times(10, command(NONE, of(1000), NONE, "")));
    assertThat(finding.status()).isEqualTo(status);
    assertThat(finding.reason()).contains("10 commands may take 10000 tasks", "200 tasks");
  }

  @Test
  void itsScriptRaisesWhatIsTooSmall() throws IOException {
    FakeMachine fake = machine("200000", "99999", "9999", 1 << 24);
    List<OutermostCommand> commands = times(10, command(NONE, of(1000), NONE, ""));
    String script = only(Check.TASKS, fake, commands).remedy().orElseThrow().text();
    assertThat(script).contains("sysctl -q -w kernel.threads-max=").doesNotContain("pid_max");
    fake.file(
        "proc/sys/kernel/threads-max",
        script.replaceAll("(?s).*-w kernel.threads-max=(\\d+)\n", "$1"));
    assertThat(only(Check.TASKS, fake, commands).status()).isEqualTo(PASS);
  }

  @Test
  void moreThanTheMachineHasRoomForIsForAPerson() throws IOException {
    FakeMachine small = machine("200000", "99999", "9999", 1 << 18);
    Finding finding = only(Check.TASKS, small, times(10, command(NONE, of(1000), NONE, "")));
    assertThat(finding.status()).isEqualTo(FAIL);
    assertThat(finding.remedy().orElseThrow()).isInstanceOf(Remedy.Advice.class);
    FakeMachine large = machine("200000", "4194304", "99999999", Integer.MAX_VALUE);
    assertThat(
            only(Check.TASKS, large, times(4, command(NONE, of(1_000_000), NONE, "")))
                .remedy()
                .orElseThrow())
        .isInstanceOf(Remedy.Advice.class);
  }

  // ---- memory

  /** 8 commands of 1 GiB: a tenth must be left. */
  @ParameterizedTest
  @CsvSource({"9320676,PASS", "9320675,CAUTION", "8388608,CAUTION", "8388607,FAIL"})
  void memoryAgainstRam(long kib, Finding.Verdict status) throws IOException {
    FakeMachine fake = machine("200000", "4194304", "100000", kib);
    Finding finding = only(Check.MEMORY, fake, times(8, command(NONE, NONE, of(1L << 30), "")));
    assertThat(finding.status()).isEqualTo(status);
    assertThat(finding.reason())
        .contains("8 commands may take 8192 MiB", "RAM, " + (kib >> 10) + " MiB");
  }

  // ---- what bounds several

  @Test
  void theSliceOfTheSessionsBoundsThoseInIt() throws IOException {
    FakeMachine fake =
        machine("200000", "10000", "100000", 1 << 24)
            .file(SLICE.substring(1) + "/pids.max", "5000\n");
    List<OutermostCommand> commands = new ArrayList<>();
    for (String id : List.of("1", "2", "3", "4")) {
      String cgroup = SLICE + "/s" + id + ".scope/guard/cmd_" + id;
      fake.file(cgroup.substring(1) + "/pids.current", "1\n");
      commands.add(command(NONE, of(4000), NONE, cgroup));
    }
    Finding inside = only(Check.TASKS, fake, commands);
    assertThat(inside.status()).isEqualTo(PASS);
    assertThat(inside.reason()).contains("4 commands may take 5000 tasks");
    assertThat(inside.details())
        .containsExactly(
            SLICE + " bounds the commands in it (4) to 5000 together, which else may take 16000");
    commands.add(command(NONE, of(4000), NONE, ""));
    Finding withOneOutside = only(Check.TASKS, fake, commands);
    assertThat(withOneOutside.status()).isEqualTo(CAUTION);
    assertThat(withOneOutside.reason()).contains("5 commands may take 9000 tasks");
  }

  @Test
  void aBoundAboveCountsForThoseWithoutALimitToo() throws IOException {
    FakeMachine fake =
        machine("200000", "10000", "100000", 1 << 24)
            .file(SLICE.substring(1) + "/memory.max", "1073741824\n")
            .file(SLICE.substring(1) + "/memory.current", "1\n")
            .file(SLICE.substring(1) + "/a/pids.current", "1\n");
    Finding finding = only(Check.MEMORY, fake, List.of(command(NONE, NONE, NONE, SLICE + "/a")));
    assertThat(finding.reason()).contains("1 command may take 1024 MiB").doesNotContain("no limit");
    fake.file(SLICE.substring(1) + "/memory.max", "max\n");
    assertThat(only(Check.MEMORY, fake, List.of(command(NONE, NONE, NONE, SLICE + "/a"))).reason())
        .contains("1 command may take 16384 MiB", "no limit: 1 of them");
  }

  @Test
  void theTighterOfTwoAboveEachOther() throws IOException {
    List<Demand.CommandDemand> two =
        List.of(
            new Demand.CommandDemand(java.util.Optional.of(Path.of("/a/b/1")), of(60)),
            new Demand.CommandDemand(java.util.Optional.of(Path.of("/a/b/2")), of(60)),
            new Demand.CommandDemand(java.util.Optional.of(Path.of("/a/3")), of(60)));
    Map<Path, Long> limits = Map.of(Path.of("/a/b"), 100L, Path.of("/a"), 150L);
    Demand demand = Demand.of(two, c -> limits.containsKey(c) ? of(limits.get(c)) : NONE);
    assertThat(demand.sum()).isEqualTo(150);
    assertThat(demand.bounds()).hasSize(2);
    assertThat(Demand.of(two, c -> c.equals(Path.of("/a")) ? of(1000) : NONE).sum()).isEqualTo(180);
  }

  // ---- the live tree

  @Test
  void theLiveNumbersAreThoseThatAShellReads() throws IOException {
    MachineCapacity live = MachineCapacity.of(Procfs.system());
    assertThat(live.fileMax()).isEqualTo(number("cat /proc/sys/fs/file-max"));
    assertThat(live.nrOpen()).isEqualTo(number("cat /proc/sys/fs/nr_open"));
    assertThat(live.pidMax()).isEqualTo(number("cat /proc/sys/kernel/pid_max"));
    assertThat(live.threadsMax()).isEqualTo(number("cat /proc/sys/kernel/threads-max"));
    assertThat(live.memory())
        .isEqualTo(1024 * number("sed -n 's/^MemTotal: *\\([0-9]*\\).*/\\1/p' /proc/meminfo"));
    assertThat(live.files()).isPositive();
    assertThat(live.tasks())
        .isGreaterThanOrEqualTo(new java.io.File("/proc/self/task").list().length);
    assertThat(live.mostTasks()).isEqualTo(Math.min(live.pidMax(), live.threadsMax()));
  }

  private static long number(String script) throws IOException {
    Process sh = new ProcessBuilder("sh", "-c", script).start();
    return Long.parseLong(
        new String(sh.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip());
  }
}
