package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals that are sent to the shim reach the gateway, and the command's group. Needs root. */
@Needs("perl")
@ExtendWith(NothingLeft.class)
class ShimSignalsIT {
  /** Writes each signal that it gets into a file, by number, and ends at the last one. */
  private static final String WRITER =
      """
      use Config; use POSIX ();
      my @names = split ' ', $Config{sig_name};
      sub got { open my $f, '>>', 'got' or die; syswrite $f, "$_[0]\\n"; close $f }
      for my $n (1 .. 64) { my $i = $n; $SIG{$names[$n]} = sub { got($i); exit 7 if $i == 64 } }
      POSIX::sigprocmask(POSIX::SIG_SETMASK, POSIX::SigSet->new) if $ARGV[0];
      got('ready'); sleep 1 while 1;
      """;

  /** KILL and STOP, which nobody can catch; 32 and 33, which are ignored in what a JVM starts. */
  private static final List<Integer> LEFT_OUT = List.of(9, 19, 32, 33);

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

  private List<String> got() {
    return MachineRemains.text(world.work("got")).lines().toList();
  }

  private static int signalIn(WireFrame frame) {
    int signal = frame.takeU32();
    assertThat(frame.takeU8()).as("it is not the kernel's").isZero();
    assertThat(frame.isTaken()).isTrue();
    return signal;
  }

  @Test
  void eachIsToldAndReachesTheCommand() {
    eachIsTold(List.of(), "");
  }

  /** They come when the command unblocks them; the shim reads them whatever its caller blocks. */
  @Test
  void alsoThoseThatTheCallerBlocks() {
    eachIsTold(List.of("env", "--block-signal"), "1");
  }

  private void eachIsTold(List<String> through, String unblocks) {
    Running shim = world.exec(through, "perl", "-e", WRITER, unblocks).start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant());
      Polling.until("it is ready", () -> got().contains("ready"));
      for (int n = 1; n <= 64; n++) {
        if (!LEFT_OUT.contains(n)) {
          String number = "" + n;
          shim.signal(number);
          assertThat(signalIn(gateway.expect(WireFrame.SIGNAL))).isEqualTo(n);
          Polling.until("signal " + n + " reaches it", () -> got().contains(number));
        }
      }
      assertThat(gateway.ended()).isEqualTo(7 << 8);
      gateway.send(WireFrame.result(7, ""));
    }
    assertThat(shim.await().exit()).isEqualTo(7);
    assertThat(got()).doesNotHaveDuplicates();
  }

  @Test
  void theWholeGroupGetsIt() {
    String pair =
        "trap 'touch main' USR1; (trap 'touch child' USR1; touch c; wait_for_it() { while :; do"
            + " sleep 0.02; done; }; wait_for_it) & touch m; while :; do sleep 0.02; done";
    Running shim = world.exec("sh", "-c", pair).start();
    try (ShimDialogue gateway = world.accept()) {
      int pid = gateway.run(ShimWorld.grant());
      Polling.until("both are ready", () -> exists("c") && exists("m"));
      shim.signal("USR1");
      gateway.expect(WireFrame.SIGNAL);
      Polling.until("both got it", () -> exists("main") && exists("child"));
      Signal.send("KILL", "-" + pid);
      gateway.ended();
      gateway.send(WireFrame.result(0, ""));
    }
    assertThat(shim.await().exit()).isZero();
  }

  private boolean exists(String name) {
    return Files.exists(world.work(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"USR1", "PIPE", "INT", "64"})
  void whatTheCallerIgnoresIsIgnoredByAll(String signal) {
    String script = "grep SigIgn /proc/$$/status >ignored; touch ready; read x <pipe";
    Running shim =
        world
            .exec(List.of("env", "--ignore-signal=" + signal), "sh", "-c", "mkfifo pipe; " + script)
            .start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant());
      Polling.until("it is ready", () -> exists("ready"));
      shim.signal(signal);
      // Told in order, so nothing was told of the one before it.
      shim.signal("WINCH");
      assertThat(signalIn(gateway.expect(WireFrame.SIGNAL))).isEqualTo(28);
      open("pipe");
      gateway.ended();
      gateway.send(WireFrame.result(0, ""));
    }
    assertThat(shim.await().exit()).isZero();
  }

  private void open(String pipe) {
    try {
      Files.writeString(world.work(pipe), "x\n");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void theCommandHasTheCallersMaskAndDispositions() {
    List<String> through =
        List.of("env", "--ignore-signal=CHLD,CONT,USR1", "--block-signal=USR2,TERM");
    Running shim = world.exec(through, "grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant());
      gateway.ended();
      gateway.send(WireFrame.result(0, ""));
    }
    assertThat(shim.await().lines())
        .containsExactly("SigBlk:\t0000000000004800", "SigIgn:\t0000000180030200");
  }

  @Test
  void whileItIsHeldOnlyTheGatewayIsTold() {
    Running shim = world.exec("touch", "ran").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.hold(ShimWorld.grant());
      shim.signal("INT");
      assertThat(signalIn(gateway.expect(WireFrame.SIGNAL))).isEqualTo(2);
      gateway.send(WireFrame.of(WireFrame.ABANDON));
      gateway.send(WireFrame.of(WireFrame.RESULT).u8(1).u32(2).str("").str(""));
    }
    assertThat(shim.await().exit()).isEqualTo(128 + 2);
    assertThat(exists("ran")).isFalse();
  }

  /** RELEASE was on its way when the signal came: the command gets it before its first step. */
  @Test
  void whatCrossesTheReleaseReachesTheCommand() {
    Running shim = world.exec("touch", "ran").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.hold(ShimWorld.grant());
      shim.signal("TERM");
      gateway.expect(WireFrame.SIGNAL);
      gateway.send(WireFrame.of(WireFrame.RELEASE));
      gateway.expect(WireFrame.EXECED);
      assertThat(gateway.ended()).isEqualTo(15);
      gateway.send(WireFrame.of(WireFrame.RESULT).u8(1).u32(15).str("").str(""));
    }
    assertThat(shim.await().exit()).isEqualTo(128 + 15);
    assertThat(exists("ran")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"HUP", "INT", "QUIT", "TERM"})
  void oneThatIsTooLateEndsTheShimAfterTheResult(String signal) {
    Running shim = world.exec("true").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant());
      gateway.ended();
      shim.signal(signal);
      gateway.expect(WireFrame.SIGNAL);
      assertThat(shim.isAlive()).isTrue();
      gateway.send(WireFrame.result(0, "guard: a line\n"));
    }
    Finished f = shim.await();
    assertThat(f.exit()).isGreaterThan(128);
    assertThat(f.errors()).isEqualTo("guard: a line\n");
  }

  @Test
  void otherSignalsThatAreTooLateDoNothing() {
    Running shim = world.exec("true").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant());
      gateway.ended();
      for (String signal : List.of("USR1", "CHLD", "CONT", "TSTP", "ALRM")) {
        shim.signal(signal);
        gateway.expect(WireFrame.SIGNAL);
      }
      gateway.send(WireFrame.result(6, ""));
    }
    assertThat(shim.await().exit()).isEqualTo(6);
  }

  @Test
  void aGatewayThatReadsNothingHoldsUpNoSignal() {
    Running shim = world.exec("perl", "-e", WRITER, "").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant());
      Polling.until("it is ready", () -> got().contains("ready"));
      // Each is 10 bytes in a buffer of 212992 that counts a kilobyte for it, see unix(7).
      for (int i = 0; i < 400; i++) {
        int before = got().size();
        shim.signal("USR1");
        Polling.until("it reaches the command", () -> got().size() > before);
      }
      shim.signal("64");
      List<Integer> told = new ArrayList<>();
      WireFrame next = gateway.receive();
      for (; next.type() == WireFrame.SIGNAL; next = gateway.receive()) {
        told.add(next.takeU32());
      }
      assertThat(next.type()).isEqualTo(WireFrame.ENDED);
      assertThat(told).hasSizeLessThan(401);
      gateway.send(WireFrame.result(0, ""));
    }
    assertThat(shim.await().exit()).isZero();
  }
}
