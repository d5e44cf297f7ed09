package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A shim whose gateway has gone asks the next one to take its command over. Needs root. */
@Needs("perl")
@ExtendWith(NothingLeft.class)
class ShimAdoptIT {
  private static final int RUNS = 1 << 6;

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

  private Running orphan(WireGrant grant) {
    Running shim = world.exec("sh", "-c", "mkfifo pipe; touch ready; read x <pipe; exit 5").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(grant);
      Polling.until("it is ready", () -> Files.exists(world.work("ready")));
    }
    return shim;
  }

  private ShimDialogue next() {
    ShimDialogue gateway = world.accept();
    WireFrame hello = gateway.expect(WireFrame.HELLO);
    hello.takeU32();
    hello.takeU64();
    hello.takeU64();
    assertThat(hello.takeU32() & RUNS).isEqualTo(RUNS);
    return gateway;
  }

  private void end() throws IOException {
    Files.writeString(world.work("pipe"), "x\n");
  }

  @Test
  void whoTakesItOverHearsOfSignalsAndTheEndAndTellsTheResult() throws IOException {
    Running shim = orphan(ShimWorld.grant().ends(60_000, 1_000));
    try (ShimDialogue gateway = next()) {
      gateway.send(WireFrame.of(WireFrame.SAY).str(""));
      gateway.send(WireFrame.of(WireFrame.ADOPTED));
      shim.signal("URG");
      gateway.expect(WireFrame.SIGNAL);
      end();
      assertThat(gateway.ended()).isEqualTo(5 << 8);
      gateway.send(WireFrame.result(3, "guard: told\n"));
      gateway.expectEnd();
    }
    Finished f = shim.await();
    assertThat(f.exit()).isEqualTo(3);
    assertThat(f.errors()).isEqualTo("guard: told\n");
  }

  /** The end comes while it waits for the answer, and is told with it. */
  @Test
  void anEndBeforeTheAnswerIsToldToo() throws IOException {
    Running shim = orphan(ShimWorld.grant());
    try (ShimDialogue gateway = next()) {
      end();
      Path stat = Path.of("/proc/" + shim.pid() + "/task/" + shim.pid() + "/children");
      long main = Long.parseLong(MachineRemains.text(stat).strip());
      Polling.until("it has ended", () -> !Store.lives(main));
      gateway.send(WireFrame.of(WireFrame.ADOPTED));
      assertThat(gateway.ended()).isEqualTo(5 << 8);
      gateway.send(WireFrame.result(3, ""));
    }
    assertThat(shim.await().exit()).isEqualTo(3);
  }

  @Test
  void whoIsNotTakenOverGoesOnAlone() throws IOException {
    Running shim = orphan(ShimWorld.grant());
    try (ShimDialogue gateway = next()) {
      gateway.send(WireFrame.of(WireFrame.DECLINE).str(""));
      gateway.expectEnd();
    }
    end();
    assertThat(shim.await().exit()).isEqualTo(5);
  }

  @Test
  void aNextOneThatSaysNothingHoldsNoDeadlineUp() {
    Running shim = orphan(ShimWorld.grant().ends(3_500, 100));
    try (ShimDialogue gateway = next()) {
      assertThat(shim.await().exit()).isEqualTo(124);
      gateway.expectEnd();
    }
  }
}
