package dev.guard.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProcfsTest {
  // The numbers after the name, from a real kernel: state, parent, group, session, ... start time.
  private static final String REST =
      " S 17 23 29 0 -1 4194304 93 0 0 0 1 2 3 4 20 0 1 0 987654321 2449408 92 18446744073709551615";

  @TempDir Path root;
  private Procfs procfs;

  @BeforeEach
  void procfsOnDisk() {
    procfs = new Procfs(root);
  }

  private void file(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text, StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"sleep", "a b", ") Z 1", "((", "))) R 0 0", "", "new\nline", "\u00ff\u00fe"})
  void aCommandMayHaveAnyName(String name) throws IOException {
    file("42/stat", "42 (" + name + ")" + REST + "\n");
    assertThat(procfs.stat(42)).contains(new Procfs.Stat(42, name, 'S', 17, 23, 29, 1, 987654321L));
  }

  @ParameterizedTest
  @CsvSource({"Z,true", "X,true", "S,false", "R,false", "D,false", "T,false"})
  void zombiesHaveEnded(char state, boolean ended) throws IOException {
    file("42/stat", "42 (x)" + REST.replace(" S ", " " + state + " "));
    assertThat(procfs.stat(42).orElseThrow().ended()).isEqualTo(ended);
  }

  @Test
  void aProcessWhoseFirstThreadHasEndedLivesWithTheOthers() throws IOException {
    file("42/stat", "42 (x)" + REST.replace(" S ", " Z ").replace(" 20 0 1 0 ", " 20 0 3 0 "));
    assertThat(procfs.stat(42).orElseThrow().threads()).isEqualTo(3);
    assertThat(procfs.stat(42).orElseThrow().ended()).isFalse();
  }

  @Test
  void theNumbersBehindTheNameAreFound() throws IOException {
    file("42/stat", "42 (a ) 1 b)" + REST + "\n");
    assertThat(procfs.cpuMicros(42)).as("1 + 2 + 3 + 4 ticks").isEqualTo(100_000);
    assertThat(procfs.liveThread(42)).contains(42);
    file("42/stat", "42 (x)" + REST.replace(" 29 0 -1 4194304 ", " 29 34816 -1 4194308 "));
    assertThat(procfs.liveThread(42)).as("PF_EXITING").isEmpty();
  }

  @Test
  void withoutABootIdTheRemedyIsSaid() throws IOException {
    assertThatThrownBy(procfs::bootId)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("boot_id is not there")
        .hasMessageContaining("subset=pid");
    file("sys/kernel/random/boot_id", "1-2-3\n");
    assertThat(procfs.bootId()).isEqualTo("1-2-3");
  }

  @Test
  void theViewOfAnotherNamespaceIsRefused() throws IOException {
    assertThatThrownBy(() -> procfs.requireView(42)).hasMessageContaining("is not mounted");
    Files.createSymbolicLink(root.resolve("self"), Path.of("42"));
    procfs.requireView(42);
    assertThatThrownBy(() -> procfs.requireView(1)).hasMessageContaining("--mount-proc");
  }

  @Test
  void processorTimeIsThatOfTheProcessAndOfChildrenItHasWaitedFor() throws IOException {
    file("42/stat", "42 (x)" + REST);
    assertThat(procfs.cpuMicros(42)).isEqualTo((1 + 2 + 3 + 4) * 10_000);
    assertThat(procfs.cpuMicros(43)).isZero();
  }

  @Test
  void thePeakOfMemoryIsInKibibytes() throws IOException {
    file("self/status", "Name:\tx\nVmPeak:\t 900 kB\nVmHWM:\t   58 kB\nVmRSS:\t   7 kB\n");
    assertThat(procfs.peakOfSelf()).isEqualTo(58 * 1024);
  }

  @Test
  void aProcessThatHasGoneIsAnEmptyAnswer() throws IOException {
    assertThat(procfs.stat(42)).isEmpty();
    assertThat(procfs.children(42)).isEmpty();
    assertThat(procfs.threads(42)).isZero();
    assertThat(procfs.environment(42)).isEmpty();
    assertThat(procfs.text(42, "cgroup")).isEmpty();
  }

  @Test
  void whatCanNotBeReadIsAnErrorAndNotNothing() throws IOException {
    Files.createDirectories(root.resolve("42/stat"));
    Files.createDirectories(root.resolve("42/task/42/children"));
    assertThatThrownBy(() -> procfs.stat(42)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> procfs.children(42)).isInstanceOf(IOException.class);
  }

  @Test
  void aStatusIsReadByItsKeys() throws IOException {
    file(
        "42/status",
        "Name:\ta\\nUid:\t7\nUmask:\t0022\nState:\tS (sleeping)\nPPid:\t17\n"
            + "Uid:\t1000\t4294967294\t1000\t1000\nNSpid:\t42\t5\t1\nThreads:\t3\n");
    assertThat(procfs.status(42)).contains(new ProcessStatus("a\\nUid:\t7", 'S', 17, 3, -2, 3));
    file("42/status", "Name:\tx\nState:\tZ (zombie)\nPPid:\t1\nUid:\t0\t0\t0\t0\nThreads:\t1\n");
    assertThat(procfs.status(42).orElseThrow().ended()).isTrue();
    assertThat(procfs.status(42).orElseThrow().pidNamespaces()).isEqualTo(1);
    assertThat(procfs.status(43)).isEmpty();
  }

  @Test
  void theChildrenOfEveryThreadAreListed() throws IOException {
    file("42/task/42/children", "100 101 ");
    file("42/task/43/children", "");
    file("42/task/44/children", "102 4194303 ");
    assertThat(procfs.children(42)).containsExactlyInAnyOrder(100, 101, 102, 4194303);
    assertThat(procfs.threads(42)).isEqualTo(3);
  }

  @Test
  void aThreadThatEndsMeanwhileIsNoError() throws IOException {
    file("42/task/42/children", "100 ");
    Files.createDirectories(root.resolve("42/task/43"));
    assertThat(procfs.children(42)).containsExactly(100);
  }

  @Test
  void childrenAreListedWhereTheKernelListsThem() throws IOException {
    Files.createDirectories(root.resolve("7/task/7"));
    Files.createSymbolicLink(root.resolve("self"), Path.of("7"));
    assertThat(procfs.listsChildren()).isFalse();
    file("7/task/7/children", "");
    assertThat(procfs.listsChildren()).isTrue();
  }

  @Test
  void onlyNumbersAreProcesses() throws IOException {
    for (String name : List.of("1", "4194303", "self", "sys", "42x")) {
      Files.createDirectories(root.resolve(name));
    }
    assertThat(procfs.pids()).containsExactlyInAnyOrder(1, 4194303);
  }

  @Test
  void anEnvironmentIsReadByteForByte() throws IOException {
    file("42/environ", "A=1\0B=\u00ff\nx\0\0C=");
    assertThat(procfs.environment(42).orElseThrow())
        .containsExactly(
            OsString.of("A=1"),
            OsString.ofBytes(new byte[] {'B', '=', (byte) 0xff, '\n', 'x'}),
            OsString.of(""),
            OsString.of("C="));
  }

  @Test
  void ignoredSignalsAreABitSet() throws IOException {
    file("self/status", "Name:\tx\nSigIgn:\t8000000000001001\nSigCgt:\t0000000000000001\n");
    assertThat(procfs.ignoredSignals()).isEqualTo(0x8000000000001001L);
  }

  @Test
  void thisProcessIsReadFromTheRealOne() throws IOException {
    int pid = Os.linux().pid();
    Procfs.Stat self = Procfs.system().stat(pid).orElseThrow();
    assertThat(self.pid()).isEqualTo(pid);
    assertThat(self.parent()).isEqualTo(Os.linux().parentPid());
    assertThat(self.ended()).isFalse();
    assertThat(Procfs.system().pids()).contains(pid);
  }

  @Test
  void aNumberOfTheKernelIsReadAsAWhole() throws IOException {
    for (String file : List.of("sys/kernel/pid_max", "sys/kernel/threads-max", "sys/fs/file-max")) {
      String asAShellReadsIt;
      Process cat = new ProcessBuilder("cat", "/proc/" + file).start();
      asAShellReadsIt = new String(cat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(Procfs.system().systemText(file)).as(file).isEqualTo(asAShellReadsIt);
      assertThat(asAShellReadsIt.strip()).as(file).hasSizeGreaterThan(1);
    }
  }

  @Test
  void theUserAndTheDescriptorsOfAProcess() throws IOException {
    file("42/status", "Name:\tUid: 1\nUid:\t1\t4294967294\t3\t4\nGid:\t7\t7\t7\t7\n");
    file("42/fd/0", "");
    file("42/fd/17", "");
    assertThat(procfs.user(42)).contains((int) 4294967294L);
    assertThat(procfs.descriptors(42)).isEqualTo(2);
    assertThat(procfs.user(43)).isEmpty();
    assertThat(procfs.descriptors(43)).isZero();
  }
}
