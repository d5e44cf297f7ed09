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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the shim does when its gateway dies, stops or says nothing. Needs root. */
@Needs("perl")
@ExtendWith(NothingLeft.class)
class ShimAloneIT {
  private static final String GONE = "guard: the gateway has ended; ";
  private static final String SILENT = "guard: the gateway does not answer; ";

  /**
   * The group ignores TERM, a daemon has left it; both and a sleep stay when the main process ends.
   */
  private static final String STAYS =
      "trap '' TERM; setsid sleep 61 & sleep 60 & echo $! >sleeps; touch ready; ";

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

  private void awaitReady() {
    Polling.until("it is ready", () -> Files.exists(world.work("ready")));
  }

  @Test
  void beforeAGrantItHasAServerOfItsOwn() {
    Running shim = world.exec("touch", "ran").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
    }
    ShimWorld.assertPrivate(shim.await());
    assertThat(world.work("ran")).doesNotExist();
  }

  /** Its write fails then, and the kernel sends PIPE to whoever writes. */
  @Test
  @Needs("strace")
  void beforeHelloIsWrittenToo() {
    // It waits between connect and write, long enough for a close.
    String delay = "inject=getsockopt:delay_exit=300000";
    List<String> traced =
        List.of("strace", "-qq", "-o", "/dev/null", "-e", "trace=getsockopt", "-e", delay);
    Running shim = world.exec(traced, "touch", "ran").start();
    world.accept().close();
    ShimWorld.assertPrivate(shim.await());
  }

  @Test
  void whileTheCommandIsHeldItIsEndedUnrun() {
    Running shim = world.exec("touch", "ran").start();
    int held;
    try (ShimDialogue gateway = world.accept()) {
      held = gateway.hold(ShimWorld.grant());
    }
    Finished f = shim.await();
    ShimWorld.assertPrivate(f);
    assertThat(Path.of("/proc", "" + held)).doesNotExist();
    assertThat(world.work("ran")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"exit 5,5", "kill -10 $$,138"})
  void afterTheReleaseTheCommandGoesOn(String end, int status) throws IOException {
    Running shim = world.exec("sh", "-c", "mkfifo pipe; touch ready; read x <pipe; " + end).start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant().ends(60_000, 1_000));
      awaitReady();
    }
    Files.writeString(world.work("pipe"), "x\n");
    Finished f = shim.await();
    assertThat(f.exit()).isEqualTo(status);
    assertThat(f.errors()).isEmpty();
  }

  /** The command ignores the hangup; the window is closed by Java, which knows tmux. */
  @Test
  void inAWindowItEndsItsCommandAtHangupAndHasTheWindowClosed() {
    String stays = "trap '' HUP; touch ready; while :; do sleep 0.1; done";
    List<String> words = List.of("exec", "--session-window=w", "--", "sh", "-c", stays);
    Running shim = world.call(List.of(), words).start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(new WireGrant(4).ends(0, 1_000));
      awaitReady();
    }
    shim.signal("HUP");
    assertThat(shim.await().lines()).contains("java session ended w");
  }

  @Test
  void inAWindowItHasThatClosedWhenItsGatewayTellsTheResult() {
    List<String> words = List.of("exec", "--session-window=w", "--", "true");
    Running shim = world.call(List.of(), words).start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(new WireGrant(4));
      assertThat(gateway.ended()).isZero();
      gateway.send(WireFrame.result(0, ""));
      gateway.expectEnd();
    }
    assertThat(shim.await().lines()).contains("java session ended w");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void toldGoodbyeBeforeTheReleaseItAsksTheNextGateway(boolean held) throws IOException {
    Running shim = world.exec("sh", "-c", "echo ran >>ran").start();
    try (ShimDialogue first = world.accept()) {
      if (held) {
        first.hold(ShimWorld.grant());
      } else {
        first.expect(WireFrame.HELLO);
      }
      first.send(WireFrame.of(WireFrame.GOODBYE));
      first.expectEnd();
    }
    try (ShimDialogue next = world.accept()) {
      next.run(ShimWorld.grant());
      assertThat(next.ended()).isZero();
      next.send(WireFrame.result(7, ""));
      next.expectEnd();
    }
    assertThat(shim.await().exit()).isEqualTo(7);
    assertThat(world.work("ran")).hasContent("ran");
  }

  @Test
  void toldGoodbyeWhereNoneIsNextItHasAServerOfItsOwnForTheCallersSignals() {
    Running shim =
        world.exec(List.of("env", "--block-signal=USR1", "--ignore-signal=HUP"), "true").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      world.close();
      gateway.send(WireFrame.of(WireFrame.GOODBYE));
      gateway.expectEnd();
    }
    Finished f = shim.await();
    ShimWorld.assertPrivate(f);
    assertThat(f.errors()).matches("private .[13579bdf].{14}0002000000000000\n");
  }

  @Test
  void toldGoodbyeAfterTheReleaseItKeepsTheTimeout() {
    Running shim = world.exec("sleep", "60").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant().ends(300, 100));
      gateway.send(WireFrame.of(WireFrame.GOODBYE));
      gateway.expectEnd();
      assertThat(shim.await().exit()).isEqualTo(124);
    }
  }

  /** As soon as it is released, whether or not the exec was seen. */
  @Test
  void betweenReleaseAndExecToo() {
    Running shim = world.exec("sh", "-c", "exit 5").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.hold(ShimWorld.grant());
      gateway.send(WireFrame.of(WireFrame.RELEASE));
    }
    assertThat(shim.await().exit()).isEqualTo(5);
  }

  /**
   * The write of ENDED fails, and nothing comes any more that could wake the shim, not even PIPE.
   */
  @Test
  @Needs("strace")
  void beforeItIsToldOfTheEndToo() throws IOException {
    // It waits between the end and what it tells of it, long enough for a close.
    String delay = "inject=waitid:delay_exit=300000";
    List<String> traced = new ArrayList<>(List.of("env", "--ignore-signal=PIPE"));
    traced.addAll(List.of("strace", "-qq", "-o", "/dev/null", "-e", "trace=waitid", "-e", delay));
    Running shim =
        world.exec(traced, "sh", "-c", "mkfifo pipe; touch ready; read x <pipe; exit 5").start();
    try (ShimDialogue gateway = world.accept()) {
      int pid = gateway.run(ShimWorld.grant());
      awaitReady();
      Files.writeString(world.work("pipe"), "x\n");
      Path stat = Path.of("/proc", "" + pid, "stat");
      Polling.until("it has ended", () -> MachineRemains.text(stat).contains(") Z "));
    }
    assertThat(shim.await().exit()).isEqualTo(5);
  }

  @Test
  void itPassesSignalsOn() {
    Running shim =
        world
            .exec("sh", "-c", "trap 'exit 6' USR1; touch ready; while :; do sleep 0.02; done")
            .start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant());
      awaitReady();
    }
    shim.signal("USR1");
    assertThat(shim.await().exit()).isEqualTo(6);
  }

  @Test
  void itKeepsTheDeadline() {
    Running shim = world.exec("sh", "-c", STAYS + "while :; do sleep 0.05; done").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant().ends(1_250, 100));
      awaitReady();
    }
    Finished f = shim.await();
    assertThat(f.exit()).isEqualTo(124);
    assertThat(f.errors()).isEqualTo(GONE + "the command was ended at its timeout of 1.25 s\n");
  }

  @Test
  void atTheDeadlineItAsksFirst() {
    String asks = "trap 'touch asked; exit 0' TERM; touch ready; while :; do sleep 0.02; done";
    Running shim = world.exec("sh", "-c", asks).start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant().ends(1_000, 60_000));
      awaitReady();
    }
    assertThat(shim.await().exit()).isEqualTo(124);
    assertThat(world.work("asked")).exists();
  }

  /** TERM alone would wait until it goes on, and that it never does. */
  @Test
  void atTheDeadlineAStoppedCommandIsAskedToo() {
    String asks = "trap 'touch asked; exit 0' TERM; touch ready; kill -STOP $$; sleep 60";
    Running shim = world.exec("sh", "-c", asks).start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant().ends(500, 60_000));
      awaitReady();
    }
    assertThat(shim.await().exit()).isEqualTo(124);
    assertThat(world.work("asked")).exists();
  }

  @ParameterizedTest
  @ValueSource(strings = {"exit 5", "exec true"})
  void leftoversAreEnded(String end) {
    Running shim = world.exec("sh", "-c", STAYS + end).start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant().ends(0, 100));
    }
    Finished f = shim.await();
    assertThat(f.exit()).isEqualTo(end.equals("exit 5") ? 5 : 0);
    assertThat(f.errors()).isEqualTo(GONE + "what the command had left running was ended\n");
  }

  @Test
  void leftoversThatEndWhenAskedAreNotWaitedForLonger() {
    Running shim = world.exec("sh", "-c", "sleep 60 & exit 5").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant().ends(0, 60_000_000));
    }
    assertThat(shim.await().exit()).isEqualTo(5);
  }

  @Test
  void aGatewayThatIsStuckDoesNotKeepTheCommandAlive() {
    Running shim = world.exec("sh", "-c", STAYS + "while :; do sleep 0.05; done").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant().ends(300, 100));
      assertThat(shim.await())
          .satisfies(f -> assertThat(f.exit()).isEqualTo(124))
          .satisfies(
              f ->
                  assertThat(f.errors())
                      .isEqualTo(SILENT + "the command was ended at its timeout of 0.3 s\n"));
    }
  }

  @Test
  void aGatewayThatSaysNothingAfterTheEnd() {
    Running shim = world.exec("sh", "-c", STAYS + "exit 5").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant().ends(60_000, 100));
      gateway.ended();
      Finished f = shim.await();
      assertThat(f.exit()).isEqualTo(5);
      assertThat(f.errors()).isEqualTo(SILENT + "what the command had left running was ended\n");
    }
  }

  /** Before it answers at all, and while the command is held. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aGatewayThatHasStoppedIsNotWaitedFor(boolean grants) throws Exception {
    // A GRANT of what begins at argument 3, and HELD, which has type 2.
    String grant =
        "sysread(C, my $hello, 4096); syswrite(C, pack('V C V V V x V V Q< Q<', 38, 68, 0, 3, 0, 0, 0, 0, 0));\n"
            + "my $held; sysread(C, $held, 9) == 9 && ord(substr($held, 4, 1)) == 2 or die;";
    String stops =
        "use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0); unlink 'gateway-1';\n"
            + "bind(S, sockaddr_un('gateway-1')) or die; listen(S, 5); open F, '>', '../../listens';\n"
            + "close F; accept(C, S); "
            + (grants ? grant : "")
            + " kill 'STOP', $$; sleep 1 while 1";
    Process stopped =
        new ProcessBuilder("perl", "-e", stops).directory(world.place().toFile()).start();
    try {
      Polling.until("it listens", () -> Files.exists(directory.resolve("listens")));
      long begin = System.nanoTime();
      List<String> few = List.of("env", "-i", "PATH=/bin:/usr/bin");
      Finished f = world.exec(few, "touch", "ran").run();
      ShimWorld.assertPrivate(f);
      assertThat(System.nanoTime() - begin).isBetween(2_900_000_000L, 12_000_000_000L);
      assertThat(world.work("ran")).doesNotExist();
      assertThat(stopped.isAlive()).isTrue();
    } finally {
      stopped.destroyForcibly().waitFor();
    }
  }

  @Test
  void oneThatSaysNothingButLivesIsGivenUpLater() {
    Running shim = world.exec("touch", "ran").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.hold(ShimWorld.grant());
      long begin = System.nanoTime();
      gateway.send(WireFrame.of(WireFrame.SAY).str(""));
      gateway.expectEnd();
      assertThat(System.nanoTime() - begin).isGreaterThan(12_900_000_000L);
    }
    ShimWorld.assertPrivate(shim.await());
    assertThat(world.work("ran")).doesNotExist();
  }
}
