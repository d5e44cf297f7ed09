package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A command that the shim makes, holds, releases and waits for, as the gateway says. Needs root.
 */
@Needs("perl")
@ExtendWith(NothingLeft.class)
class ShimCommandIT {
  @TempDir private Path directory;
  private ShimWorld world;

  @BeforeEach
  void make() {
    world = ShimWorld.in(directory);
  }

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void whatIsHeldRunsOnlyWhenReleased() {
    Running shim = world.exec("touch", "ran").start();
    try (ShimDialogue gateway = world.accept()) {
      int held = gateway.hold(ShimWorld.grant());
      assertThat(group(held)).as("it leads its group").isEqualTo(Integer.toString(held));
      assertThat(executable(held)).as("it has not executed").isEqualTo(world.guard());
      assertThat(MachineRemains.text(Path.of("/proc", "" + held, "stat"))).contains(") S ");
      assertThat(world.work("ran")).doesNotExist();
      gateway.send(WireFrame.of(WireFrame.RELEASE));
      gateway.expect(WireFrame.EXECED);
      assertThat(gateway.ended()).isZero();
      assertThat(world.work("ran")).exists();
      assertThat(zombie(held)).as("its number is no other's").isTrue();
      gateway.send(WireFrame.result(9, ""));
      gateway.expectEnd();
    }
    assertThat(shim.await().exit()).isEqualTo(9);
  }

  /** The gateway could not put it where its limits are. */
  @Test
  void whatIsDeclinedWhileItIsHeldHasNotRunAndIsAnotherServers() {
    Running shim = world.exec("touch", "ran").start();
    try (ShimDialogue gateway = world.accept()) {
      int held = gateway.hold(ShimWorld.grant());
      gateway.send(WireFrame.of(WireFrame.ABANDON));
      gateway.send(WireFrame.of(WireFrame.DECLINE).str("a reason"));
      gateway.expectEnd();
      assertThat(isGone(held)).isTrue();
    }
    ShimWorld.assertPrivate(shim.await());
    assertThat(world.work("ran")).doesNotExist();
  }

  private static String group(int pid) {
    return MachineRemains.text(Path.of("/proc", "" + pid, "stat")).split(" ", -1)[4];
  }

  private static boolean zombie(int pid) {
    return MachineRemains.text(Path.of("/proc", "" + pid, "stat")).contains(") Z ");
  }

  private static String executable(int pid) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", "" + pid, "exe")).toString();
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static boolean isGone(int pid) {
    return !Files.exists(Path.of("/proc", "" + pid)) || zombie(pid);
  }

  @Test
  void aHeldCommandNeverRunsWhenTheShimIsKilled() {
    Running shim = world.exec("touch", "ran").start();
    try (ShimDialogue gateway = world.accept()) {
      int held = gateway.hold(ShimWorld.grant());
      shim.signal("KILL");
      gateway.expectEnd();
      Polling.until("the child ends", () -> isGone(held));
    }
    assertThat(shim.await().exit()).isEqualTo(128 + 9);
    assertThat(world.work("ran")).doesNotExist();
  }

  @Test
  void abandonedItIsEndedUnrunAndCanBeGrantedAgain() {
    Running shim = world.exec("touch", "ran").start();
    try (ShimDialogue gateway = world.accept()) {
      int held = gateway.hold(ShimWorld.grant());
      gateway.send(WireFrame.of(WireFrame.ABANDON));
      gateway.send(ShimWorld.grant().in("/tmp").frame());
      gateway.expect(WireFrame.HELD);
      assertThat(Path.of("/proc", "" + held)).doesNotExist();
      gateway.send(WireFrame.result(5, ""));
      gateway.expectEnd();
    }
    assertThat(shim.await().exit()).isEqualTo(5);
    assertThat(world.work("ran")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"exit 0,0", "exit 255,65280", "kill -15 $$,15", "kill -9 $$,9", "kill -64 $$,64"})
  void itTellsHowTheCommandEnded(String script, int status) {
    Running shim = world.exec("sh", "-c", script).start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant());
      WireFrame ended = gateway.expect(WireFrame.ENDED);
      assertThat(ended.takeU32()).isEqualTo(status);
      assertThat(ended.takeU64() + ended.takeU64()).as("time").isBetween(1L, 10_000_000L);
      assertThat(ended.takeU64()).as("peak").isBetween(100_000L, 100_000_000L);
      assertThat(ended.isTaken()).isTrue();
      gateway.send(WireFrame.result(0, ""));
    }
    assertThat(shim.await().exit()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 9, 11, 15, 64})
  void itDiesOfTheSignalThatItIsTold(int signal) throws IOException {
    List<String> cores = List.of("sh", "-c", "ulimit -c unlimited; exec \"$@\"", "sh");
    Running shim = world.exec(cores, "true").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      gateway.send(WireFrame.of(WireFrame.RESULT).u8(1).u32(signal).str("").str(""));
    }
    // Java answers 128 + n for both; the kernel's own word is in the files.
    assertThat(shim.await().exit()).isEqualTo(128 + signal);
    try (var files = Files.list(world.work(""))) {
      assertThat(files).as("a core").isEmpty();
    }
  }

  @Test
  void whatIsIgnoredByDefaultBecomesAnExitStatus() {
    Running shim = world.exec("true").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      gateway.send(WireFrame.of(WireFrame.RESULT).u8(1).u32(28).str("").str(""));
    }
    assertThat(shim.await().exit()).isEqualTo(128 + 28);
  }

  @ParameterizedTest
  @CsvSource({
    "no-such-program,1,2",
    "noexec,1,13",
    "'',1,2",
    "./no-such-program,5,2",
    "./noexec,5,13",
    "./text,5,8",
    "/,5,13"
  })
  void whyItWasNotExecuted(String program, int what, int errno) throws IOException {
    Files.writeString(world.work("noexec"), "");
    GuardProcess.program(world.work("text"), "no program\n");
    Running shim =
        world.exec(List.of("env", "PATH=/no/such:" + world.work("") + ":/bin"), program).start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      gateway.send(ShimWorld.grant().frame());
      if (what == 5) {
        gateway.expect(WireFrame.HELD);
        gateway.send(WireFrame.of(WireFrame.RELEASE));
      }
      WireFrame failed = gateway.expect(WireFrame.NOT_EXECUTED);
      assertThat(failed.takeU8()).isEqualTo(what);
      assertThat(failed.takeU32()).isEqualTo(errno);
      gateway.send(WireFrame.result(127, "guard: it says why\n"));
    }
    Finished f = shim.await();
    assertThat(f.exit()).isEqualTo(127);
    assertThat(f.errors()).isEqualTo("guard: it says why\n");
  }

  @Test
  void itGoesToItsDirectoryBeforeItLooksForTheProgram() throws IOException {
    Path there = Files.createDirectories(directory.resolve("there/bin"));
    GuardProcess.program(there.resolve("tool"), "#!/bin/sh\npwd\n");
    Running shim = world.exec(List.of("env", "PATH=bin"), "tool").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      gateway.send(ShimWorld.grant().in("/no/such").frame());
      WireFrame failed = gateway.expect(WireFrame.NOT_EXECUTED);
      assertThat(failed.takeU8()).isEqualTo(2);
      assertThat(failed.takeU32()).isEqualTo(2);
      gateway.send(ShimWorld.grant().in(there.getParent().toString()).frame());
      gateway.expect(WireFrame.HELD);
      gateway.send(WireFrame.of(WireFrame.RELEASE));
      gateway.expect(WireFrame.EXECED);
      gateway.ended();
      gateway.send(WireFrame.result(0, ""));
    }
    assertThat(shim.await().lines()).containsExactly(there.getParent().toString());
  }

  @Test
  void aTextIsAScriptOfTheShells() throws IOException {
    GuardProcess.program(world.work("text"), "echo \"$0 $*\"\n");
    Running shim = world.exec(List.of("env", "PATH=.:/bin"), "text", "a", "b c").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.hold(ShimWorld.grant());
      gateway.send(WireFrame.of(WireFrame.RELEASE));
      assertThat(gateway.expect(WireFrame.NOT_EXECUTED).takeU8()).isEqualTo(5);
      gateway.send(ShimWorld.grant().asScript().frame());
      gateway.expect(WireFrame.HELD);
      gateway.send(WireFrame.of(WireFrame.RELEASE));
      gateway.expect(WireFrame.EXECED);
      gateway.ended();
      gateway.send(WireFrame.result(0, ""));
    }
    assertThat(shim.await().lines()).containsExactly("./text a b c");
  }

  @Test
  void itJoinsTheCgroupsOfTheGrant() throws IOException {
    // The kernel's files are written as these are; a folder that is none is refused by clone3.
    Path v1 = Files.createDirectory(directory.resolve("v1"));
    Path v2 = Files.createDirectory(directory.resolve("v2"));
    Files.createFile(v1.resolve("tasks"));
    Files.createFile(v2.resolve("cgroup.procs"));
    Running shim = world.exec("true").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.hold(ShimWorld.grant().cgroup(1, v1.toString()).cgroup(2, v2.toString()));
      assertThat(v1.resolve("tasks")).hasContent("0");
      assertThat(v2.resolve("cgroup.procs")).hasContent("0");
      gateway.send(WireFrame.of(WireFrame.ABANDON));
      gateway.send(ShimWorld.grant().cgroup(1, directory.resolve("none").toString()).frame());
      WireFrame failed = gateway.expect(WireFrame.NOT_EXECUTED);
      assertThat(failed.takeU8()).isEqualTo(4);
      assertThat(failed.takeU32()).isEqualTo(2);
      gateway.send(WireFrame.result(0, ""));
    }
    assertThat(shim.await().exit()).isZero();
  }

  @Test
  void variablesReplaceThoseOfTheCaller() {
    List<String> before = List.of("env", "-i", "GUARD_ID=outer", "GUARD_IDS=x", "A=1");
    Running shim = world.exec(before, "/usr/bin/env").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant().with("GUARD_ID=cmd_1").with("GUARD_NEW="));
      gateway.ended();
      gateway.send(WireFrame.result(0, ""));
    }
    assertThat(shim.await().lines())
        .containsExactly("GUARD_IDS=x", "A=1", "GUARD_ID=cmd_1", "GUARD_NEW=");
  }

  @Test
  void noOtherVariableIsTakenFromAGateway() {
    Running shim = world.exec("true").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      gateway.send(ShimWorld.grant().with("LD_PRELOAD=/tmp/x.so").frame());
      gateway.expectEnd();
    }
    assertThat(shim.await().exit()).as("as if there were none").isEqualTo(42);
  }

  @Test
  void anEnvironmentOfAMegabyte() throws IOException {
    String fill =
        "i=0; while [ $i -lt 10 ]; do export V$i="
            + "v".repeat(100_000)
            + "; i=$((i+1)); done; exec \"$@\"";
    Path script = Files.writeString(directory.resolve("fill"), fill);
    Running shim = world.exec(List.of("sh", script.toString()), "sh", "-c", "env | wc -c").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant().with("GUARD_ID=cmd_1"));
      gateway.ended();
      gateway.send(WireFrame.result(0, ""));
    }
    assertThat(Integer.parseInt(shim.await().lines().get(0))).isGreaterThan(1_000_000);
  }

  @Test
  void itTakesLittleMemory() {
    Running shim = world.exec("sleep", "60").start();
    try (ShimDialogue gateway = world.accept()) {
      int pid = gateway.run(ShimWorld.grant().with("GUARD_ID=cmd_1"));
      long kib =
          MachineRemains.text(Path.of("/proc", "" + shim.pid(), "smaps_rollup"))
              .lines()
              .filter(l -> l.startsWith("Private_"))
              .mapToLong(l -> Long.parseLong(l.replaceAll("[^0-9]", "")))
              .sum();
      assertThat(kib).isBetween(4L, 64L);
      assertThat(MachineRemains.text(Path.of("/proc", "" + shim.pid(), "status")))
          .contains("Threads:\t1");
      Signal.send("KILL", "" + pid);
      gateway.ended();
      gateway.send(WireFrame.result(0, ""));
    }
    assertThat(shim.await().exit()).isZero();
  }

  @Test
  void theCommandHasNoDescriptorOfTheShims() {
    Running shim =
        world
            .exec("sh", "-c", "for f in /proc/$$/fd/*; do ! [ -L $f ] || echo ${f##*/}; done")
            .start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.hold(ShimWorld.grant());
      gateway.send(WireFrame.of(WireFrame.RELEASE));
      gateway.expect(WireFrame.EXECED);
      gateway.ended();
      gateway.send(WireFrame.result(0, ""));
    }
    assertThat(shim.await().lines()).containsExactly("0", "1", "2");
  }

  @Test
  void aCommandThatWantsToDieWithItsParentDoes() {
    Running shim = world.exec("setpriv", "--pdeathsig", "KILL", "sleep", "60").start();
    try (ShimDialogue gateway = world.accept()) {
      int pid = gateway.run(ShimWorld.grant());
      Polling.until("it has asked for it", () -> executable(pid).endsWith("/sleep"));
      shim.signal("KILL");
      gateway.expectEnd();
      Polling.until("it dies", () -> isGone(pid));
    }
    shim.await();
  }

  @Test
  void orphansComeToTheShimAndAreWaitedFor() throws IOException {
    String orphan = "sh -c 'sleep 60 & echo $! >orphan' & wait; touch ready; read x <pipe";
    Running shim = world.exec("sh", "-c", "mkfifo pipe; " + orphan).start();
    try (ShimDialogue gateway = world.accept()) {
      int pid = gateway.run(ShimWorld.grant());
      Polling.until("it has made an orphan", () -> Files.exists(world.work("ready")));
      long left = Long.parseLong(Files.readString(world.work("orphan")).strip());
      assertThat(children(shim)).containsExactlyInAnyOrder((long) pid, left);
      Signal.send("KILL", "" + left);
      Polling.until("it is waited for", () -> children(shim).equals(List.of((long) pid)));
      Files.writeString(world.work("pipe"), "x\n");
      gateway.ended();
      gateway.send(WireFrame.result(0, ""));
    }
    assertThat(shim.await().exit()).isZero();
  }

  private static List<Long> children(Running shim) {
    return shim.process().children().map(ProcessHandle::pid).toList();
  }

  @Test
  void theReportIsWrittenWhereTheCallerMay() throws IOException {
    Running shim = world.exec("true").start();
    String report = "{\"long\": \"" + "r".repeat(300_000) + "\"}\n";
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      gateway.send(WireFrame.of(WireFrame.OPEN).str("report"));
      assertThat(gateway.expect(WireFrame.ANSWER).takeU32()).isZero();
      gateway.send(ShimWorld.grant().frame());
      gateway.expect(WireFrame.HELD);
      gateway.send(WireFrame.of(WireFrame.RELEASE));
      gateway.expect(WireFrame.EXECED);
      gateway.ended();
      gateway.send(WireFrame.of(WireFrame.RESULT).u8(0).u32(4).str("a line\n").str(report));
    }
    Finished f = shim.await();
    assertThat(f.exit()).isEqualTo(4);
    assertThat(f.errors()).isEqualTo("a line\n");
    assertThat(world.work("report")).hasContent(report.strip());
  }

  @ParameterizedTest
  @CsvSource({"/no/such/place,2", "fd:8,9", "fd:0,9", "fd:x,9", "fd:,9", "fd:1234567,9", "fd:3,9"})
  void aPlaceForTheReportThatIsNone(String to, int errno) {
    Running shim = world.exec("true").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      gateway.send(WireFrame.of(WireFrame.OPEN).str(to));
      assertThat(gateway.expect(WireFrame.ANSWER).takeU32()).isEqualTo(errno);
      gateway.send(WireFrame.result(125, ""));
    }
    assertThat(shim.await().exit()).isEqualTo(125);
  }

  @Test
  void aReportWhoseReaderDoesNotComeCanBeInterrupted() throws Exception {
    Path pipe = world.work("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Running shim = world.exec("true").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      gateway.send(WireFrame.of(WireFrame.OPEN).str("pipe"));
      Path status = Path.of("/proc", "" + shim.pid(), "status");
      Polling.until(
          "it blocks no signal",
          () -> MachineRemains.text(status).contains("SigBlk:\t0000000000000000"));
      shim.signal("TERM");
      gateway.expectEnd();
    }
    assertThat(shim.await().exit()).isEqualTo(128 + 15);
  }

  @Test
  void aDescriptorForTheReportIsNotTheCommands() {
    List<String> through = List.of("sh", "-c", "exec \"$@\" 7>seven", "sh");
    Running shim = world.exec(through, "readlink", "/proc/self/fd/7").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      gateway.send(WireFrame.of(WireFrame.OPEN).str("fd:7"));
      gateway.expect(WireFrame.ANSWER);
      gateway.send(ShimWorld.grant().frame());
      gateway.expect(WireFrame.HELD);
      gateway.send(WireFrame.of(WireFrame.RELEASE));
      gateway.expect(WireFrame.EXECED);
      assertThat(gateway.ended()).isEqualTo(1 << 8);
      gateway.send(WireFrame.of(WireFrame.RESULT).u8(0).u32(0).str("").str("told"));
    }
    assertThat(shim.await().exit()).isZero();
    assertThat(world.work("seven")).hasContent("told");
  }

  @Test
  void aReportThatCanNotBeWritten() {
    Running shim = world.exec("true").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      gateway.send(WireFrame.of(WireFrame.OPEN).str("/dev/full"));
      gateway.expect(WireFrame.ANSWER);
      gateway.send(WireFrame.of(WireFrame.RESULT).u8(0).u32(0).str("").str("{}"));
    }
    Finished f = shim.await();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors())
        .isEqualTo("guard: --report: it could not be written: no space is left\n");
  }
}
