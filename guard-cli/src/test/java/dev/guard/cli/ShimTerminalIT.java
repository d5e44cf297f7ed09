package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
 * The shim passes its terminal on, and stops and goes on with its command; what is seen of that by
 * who types is held by the tests that are tagged terminal. Needs root.
 */
@Needs("perl")
@ExtendWith(NothingLeft.class)
class ShimTerminalIT {
  private static final int INTERRUPT = 3;
  private static final int SUSPEND = 26;
  // Neither forks while it waits: a shell in vfork(2) can not stop when its child has.
  private static final String WAITS = "touch ready; exec sleep 60";
  private static final String NOTES =
      "sub got { open my $f, '>>', 'got'; print $f qq(@_\\n) }"
          + " $SIG{INT} = sub { got('INT') }; $SIG{TERM} = sub { got('TERM'); exit 6 };"
          + " open my $ready, '>', 'ready'; close $ready; sleep 1 while 1";

  @TempDir private Path directory;
  private ShimWorld world;
  private JobShell shell;

  @BeforeEach
  void make() {
    world = ShimWorld.in(directory);
    shell = JobShell.in(directory);
  }

  @AfterEach
  void close() {
    world.close();
  }

  private Running start(String options, String... command) {
    return world.exec(shell.words(options), command).start();
  }

  private Running start(String script) {
    return start("io", "sh", "-c", script);
  }

  private void awaitReady() {
    Polling.until("it is ready", () -> Files.exists(world.work("ready")));
  }

  private static WireFrame dies(int signal) {
    return WireFrame.of(WireFrame.RESULT).u8(3).u32(signal).str("").str("");
  }

  /** What was signalled is told in between. */
  private static int ended(ShimDialogue gateway) {
    WireFrame next = gateway.receive();
    while (next.type() == WireFrame.SIGNAL) {
      next = gateway.receive();
    }
    assertThat(next.type()).isEqualTo(WireFrame.ENDED);
    return next.takeU32();
  }

  @Test
  void theCommandHasTheTerminalFromItsReleaseToItsEnd() {
    Running all = start("io", "true");
    try (ShimDialogue gateway = world.accept()) {
      int command = gateway.hold(ShimWorld.grant());
      int shim = shell.job();
      assertThat(JobShell.front(shim)).isEqualTo(shim);
      gateway.send(WireFrame.of(WireFrame.RELEASE));
      gateway.expect(WireFrame.EXECED);
      assertThat(gateway.ended()).isZero();
      assertThat(JobShell.front(shim)).isEqualTo(shim);
      assertThat(command).isNotEqualTo(shim);
      gateway.send(WireFrame.result(5, ""));
    }
    all.await();
    shell.awaitSaid("exited 5");
  }

  @ParameterizedTest
  @CsvSource({"io, true", "o, false", "i, true", "ip, false"})
  void itIsLentAtOnceWhereItIsTheInputAndNoPipeTheOutput(String options, boolean lent) {
    Running all = start(options, "sh", "-c", WAITS);
    try (ShimDialogue gateway = world.accept()) {
      int command = gateway.run(ShimWorld.grant());
      awaitReady();
      assertThat(JobShell.front(command)).isEqualTo(lent ? command : shell.job());
      shell.type(INTERRUPT);
      assertThat(ended(gateway)).isEqualTo(2);
      gateway.send(dies(2));
    }
    all.await();
    shell.awaitSaid("killed 2");
  }

  @Test
  void ifItIsHeldAgainAsAScriptItGetsItThen() {
    Running all = start("io", "sh", "-c", WAITS);
    try (ShimDialogue gateway = world.accept()) {
      int first = gateway.hold(ShimWorld.grant());
      Signal.send("KILL", "" + first);
      gateway.expect(WireFrame.NOT_EXECUTED);
      gateway.send(ShimWorld.grant().frame());
      int command = gateway.expect(WireFrame.HELD).takeU32();
      gateway.send(WireFrame.of(WireFrame.RELEASE));
      gateway.expect(WireFrame.EXECED);
      awaitReady();
      assertThat(JobShell.front(command)).isEqualTo(command);
      Signal.send("KILL", "" + command);
      ended(gateway);
      gateway.send(WireFrame.result(0, ""));
    }
    all.await();
  }

  @Test
  void itStopsAndGoesOnWithTheCommand() {
    Running all = start(WAITS);
    try (ShimDialogue gateway = world.accept()) {
      int command = gateway.run(ShimWorld.grant());
      awaitReady();
      shell.type(SUSPEND);
      shell.awaitSaid("stopped");
      JobShell.awaitStopped(command);
      shell.foreground();
      Polling.until("it has the terminal", () -> JobShell.front(command) == command);
      shell.type(INTERRUPT);
      assertThat(ended(gateway)).isEqualTo(2);
      gateway.send(dies(2));
    }
    all.await();
    shell.awaitSaid("killed 2");
  }

  @Test
  void inTheBackgroundTheTerminalIsTheShells() {
    Running all = start(WAITS);
    try (ShimDialogue gateway = world.accept()) {
      int command = gateway.run(ShimWorld.grant());
      awaitReady();
      shell.type(SUSPEND);
      shell.awaitSaid("stopped");
      shell.background();
      Polling.until("it goes on", () -> !isStopped(command));
      assertThat(JobShell.front(command)).isNotIn(command, shell.job());
      Signal.send("TERM", "" + command);
      assertThat(ended(gateway)).isEqualTo(15);
      gateway.send(dies(15));
    }
    all.await();
    shell.awaitSaid("killed 15");
  }

  private static boolean isStopped(int pid) {
    return MachineRemains.text(Path.of("/proc/" + pid + "/stat")).contains(") T ");
  }

  /** While nothing runs, the shell stops the shim as any job. */
  @Test
  void itStopsBeforeThereIsACommand() {
    Running all = start("true");
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      shell.type(SUSPEND);
      shell.awaitSaid("stopped");
      shell.foreground();
      assertThat(gateway.expect(WireFrame.SIGNAL).takeU32()).isEqualTo(20);
      assertThat(gateway.expect(WireFrame.SIGNAL).takeU32()).isEqualTo(18);
      gateway.send(WireFrame.result(4, ""));
    }
    all.await();
    shell.awaitSaid("exited 4");
  }

  /** The time goes on, and is over when the job goes on. */
  @Test
  void withoutAGatewayTheDeadlineWaitsForTheStoppedJob() {
    Running all = start(WAITS);
    int command;
    long begin;
    try (ShimDialogue gateway = world.accept()) {
      command = gateway.run(ShimWorld.grant().ends(700, 0));
      begin = System.nanoTime();
      awaitReady();
      shell.type(SUSPEND);
      shell.awaitSaid("stopped");
    }
    JobShell.awaitStopped(command);
    awaitTime(begin, 800);
    assertThat(isStopped(command)).isTrue();
    shell.foreground();
    shell.awaitSaid("exited 124");
    assertThat(all.await().errors()).contains("ended at its timeout of 0.7 s");
  }

  private static void awaitTime(long begin, long millis) {
    Polling.until(
        "its time is over", () -> System.nanoTime() - begin > Duration.ofMillis(millis).toNanos());
  }

  /** A gateway could do nothing about it while the shim was stopped. */
  @Test
  void whenTheJobGoesOnTheGatewayHasItsTimeToEndIt() {
    Running all = start("io", "perl", "-e", NOTES);
    try (ShimDialogue gateway = world.accept()) {
      int command = gateway.run(ShimWorld.grant().ends(300, 0));
      long begin = System.nanoTime();
      awaitReady();
      shell.type(SUSPEND);
      shell.awaitSaid("stopped");
      awaitTime(begin, 300 + 1000 + 100);
      shell.foreground();
      Polling.until("it goes on", () -> !isStopped(command));
      Signal.send("TERM", "" + command);
      assertThat(ended(gateway)).isEqualTo(6 << 8);
      gateway.send(WireFrame.result(124, ""));
    }
    all.await();
    shell.awaitSaid("exited 124");
  }

  @Test
  void inTheForegroundItLeavesTheTerminalAlone() {
    Running all = start("io", "perl", "-e", NOTES);
    try (ShimDialogue gateway = world.accept()) {
      int command = gateway.run(ShimWorld.grant().inForeground());
      int shim = shell.job();
      awaitReady();
      assertThat(JobShell.group(command)).isEqualTo(shim);
      shell.type(SUSPEND);
      shell.awaitSaid("stopped");
      JobShell.awaitStopped(command);
      shell.foreground();
      // The shim has read it when it tells of it, and would have passed it on by then.
      shell.type(INTERRUPT);
      List<Integer> told = new ArrayList<>();
      while (!told.contains(2)) {
        told.add(gateway.expect(WireFrame.SIGNAL).takeU32());
      }
      Polling.until("it got it", () -> MachineRemains.text(world.work("got")).equals("INT\n"));
      Signal.send("TERM", "" + shim);
      assertThat(ended(gateway)).isEqualTo(6 << 8);
      gateway.send(WireFrame.result(6, ""));
    }
    all.await();
    shell.awaitSaid("exited 6");
    assertThat(MachineRemains.text(world.work("got"))).isEqualTo("INT\nTERM\n");
  }

  /** As the gateway says: of a command that was ended, they are of use to nobody. */
  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void modesAreResetAfterACommandThatWasEnded(int how) {
    // The shell of the shim is the job, so that the terminal can be asked after the shim.
    String job = "\"$@\"; stty -a | grep -o -e '-*icanon' >modes";
    List<String> through = new ArrayList<>(shell.words("io"));
    through.addAll(List.of("sh", "-c", job, "sh"));
    Running all = world.exec(through, "stty", "raw").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant());
      gateway.ended();
      gateway.send(WireFrame.of(WireFrame.RESULT).u8(how).u32(0).str("").str(""));
    }
    all.await();
    assertThat(world.work("modes")).hasContent(how == 0 ? "-icanon" : "icanon");
  }
}
