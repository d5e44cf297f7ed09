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
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A shim that leaves its caller with a command, and who of the three dies meanwhile. Needs root.
 */
@Needs("perl")
@ExtendWith(NothingLeft.class)
class ShimDetachIT {
  private static final String ID = "0123456789abcdef";
  private static final String KILLED =
      "guard: the detached guard was killed, and its command does not run\n";

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

  private GuardProcess detach(List<String> through, String script) {
    return world.call(through, List.of("exec", "-d", "--", "sh", "-c", script));
  }

  /** Has the shim that has called leave its caller, and answers the one that stays. */
  private ShimDialogue second() {
    try (ShimDialogue first = world.accept()) {
      first.expect(WireFrame.HELLO);
      first.send(WireFrame.of(WireFrame.DETACH));
      first.expectEnd();
    }
    return world.accept();
  }

  private static WireGrant grant() {
    return new WireGrant(4);
  }

  private WireFrame tell(long most) {
    return WireFrame.of(WireFrame.TELL).str(ID).str(log().toString()).u64(most);
  }

  private Path log() {
    return directory.resolve("log");
  }

  private static long secondOf(Running first) {
    String children = "/proc/" + first.pid() + "/task/" + first.pid() + "/children";
    return Long.parseLong(MachineRemains.text(Path.of(children)).strip());
  }

  /** Runs it, and answers the connection of the shim that stays. */
  private static ShimDialogue running(ShimDialogue shim, WireGrant how) {
    WireFrame hello = shim.expect(WireFrame.HELLO);
    byte[] payload = hello.payload();
    assertThat(payload[payload.length - 4]).as("it names its log").isGreaterThan((byte) 2);
    shim.send(how.frame());
    shim.expect(WireFrame.HELD);
    shim.send(WireFrame.of(WireFrame.RELEASE));
    shim.expect(WireFrame.EXECED);
    return shim;
  }

  private void awaitReady() {
    Polling.until("it is ready", () -> Files.exists(world.work("ready")));
  }

  @Test
  void itsCallerIsToldTheIdAndNothingIsKeptOpen() throws IOException {
    Path held = Files.createFile(directory.resolve("held"));
    List<String> through = List.of("sh", "-c", "exec \"$@\" 9>\"$0\"", held.toString());
    Running first =
        detach(through, "ls -l /proc/$$/fd | cat >fds; touch ready; exec sleep 60").start();
    try (ShimDialogue shim = running(second(), grant())) {
      long second = secondOf(first);
      shim.send(tell(1000));
      shim.expect(WireFrame.TOLD);
      Finished f = first.await();
      assertThat(f.exit()).as(f.errors()).isZero();
      assertThat(f.output()).isEqualTo(ID + "\n");
      awaitReady();
      String fds = MachineRemains.text(world.work("fds"));
      assertThat(fds).contains(" 0 -> /dev/null", " 1 -> pipe:", " 2 -> pipe:");
      assertThat(fds).doesNotContain("held");
      try (var open = Files.list(Path.of("/proc/" + second + "/fd"))) {
        assertThat(open.map(ShimDetachIT::target))
            .contains("/dev/null")
            .noneMatch(t -> t.startsWith("/") && !t.equals("/dev/null"));
      }
      shim.send(WireFrame.result(0, ""));
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whenItsGatewayEndsBeforeTheReleaseTheSecondHasAServerOfItsOwn(boolean held) {
    Running first = detach(List.of(), "touch ran").start();
    try (ShimDialogue shim = second()) {
      if (held) {
        shim.hold(grant());
      } else {
        shim.expect(WireFrame.HELLO);
      }
    }
    ShimWorld.assertPrivate(first.await());
    assertThat(world.work("ran")).doesNotExist();
  }

  @Test
  void whenItsGatewayEndsBeforeTheIdIsToldItEnds() {
    Running first = detach(List.of(), "setsid sleep 600 & exec sleep 600").start();
    running(second(), grant()).close();
    Finished f = first.await();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.output()).isEmpty();
    assertThat(f.errors())
        .isEqualTo(
            "guard: the gateway has ended; the command was ended, since its id was not told yet\n");
  }

  @Test
  void whatItWritesWithoutAGatewayIsInItsLogWithinItsBounds() throws IOException {
    Running first =
        detach(
                List.of(),
                "mkfifo pipe; touch ready; read x <pipe; head -c 200000 /dev/zero; echo; seq 5000;"
                    + " echo last")
            .start();
    try (ShimDialogue shim = running(second(), grant())) {
      shim.send(tell(50_000));
      shim.expect(WireFrame.TOLD);
      assertThat(first.await().exit()).isZero();
      awaitReady();
    }
    Files.writeString(world.work("pipe"), "x\n");
    Polling.until("it has written all", () -> MachineRemains.text(log()).endsWith("last\n"));
    NothingLeft.awaitNoProcess();
    assertThat(Files.size(log())).isLessThan(50_000);
    assertThat(Files.size(directory.resolve("log.1"))).isEqualTo(50_000);
  }

  @Test
  void withoutAGatewayItEndsAtItsDeadline() {
    Running first = detach(List.of(), "trap '' TERM; setsid sleep 61 & sleep 60; sleep 60").start();
    try (ShimDialogue shim = running(second(), grant().ends(1_000, 100))) {
      shim.send(tell(1000));
      shim.expect(WireFrame.TOLD);
    }
    assertThat(first.await().exit()).isZero();
    NothingLeft.awaitNoProcess();
  }

  /** Its caller has gone, and nobody will know the id. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whenTheFirstIsKilledTheCommandIsCancelled(boolean runs) {
    Running first = detach(List.of(), "exec sleep 60").start();
    ShimDialogue shim = runs ? running(second(), grant()) : second();
    try (shim) {
      if (!runs) {
        shim.expect(WireFrame.HELLO);
      }
      first.signal("KILL");
      first.await();
      shim.expect(WireFrame.CANCEL);
      shim.send(WireFrame.result(0, ""));
      shim.expectEnd();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whenTheSecondIsKilledTheFirstEndsWhatItHadMade(boolean runs) {
    Running first = detach(List.of(), "trap '' TERM; setsid sleep 61 & sleep 60; touch on").start();
    ShimDialogue shim = runs ? running(second(), grant()) : second();
    try (shim) {
      if (!runs) {
        shim.hold(grant());
      }
      Detached.kill(secondOf(first));
      Finished f = first.await();
      assertThat(f.exit()).isEqualTo(125);
      assertThat(f.errors()).isEqualTo(KILLED);
      assertThat(world.work("on")).doesNotExist();
    }
  }

  @Test
  void anIdThatCanNotBeWrittenEndsTheCommand() {
    List<String> through = List.of("sh", "-c", "exec \"$@\" >/dev/full", "sh");
    Running first = detach(through, "exec sleep 60").start();
    try (ShimDialogue shim = running(second(), grant())) {
      shim.send(tell(1000));
      shim.expect(WireFrame.CANCEL);
      shim.send(WireFrame.result(143, ""));
    }
    Finished f = first.await();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors())
        .isEqualTo("guard: the id could not be written, and the command does not run\n");
  }

  @Test
  void oneThatComesToNothingIsToldAsInTheForeground() {
    Running first = detach(List.of(), "exit 0").start();
    try (ShimDialogue shim = second()) {
      shim.expect(WireFrame.HELLO);
      shim.send(WireFrame.result(75, "guard: full\n"));
      shim.expectEnd();
    }
    Finished f = first.await();
    assertThat(f.exit()).isEqualTo(75);
    assertThat(f.errors()).isEqualTo("guard: full\n");
  }
}
