package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import com.google.gson.JsonObject;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A gateway that dies, stops or hangs takes no command along, and none goes on for ever. */
@Needs({"unshare", "nsenter"})
@ExtendWith(NothingLeft.class)
class GatewayEndsIT {
  @TempDir private Path directory;
  private OwnGateway gateway;
  private OwnStore store;

  @BeforeEach
  void start() {
    store = OwnStore.in(directory.resolve("store"));
    gateway = OwnGateway.on(store);
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private Running running(String script, String... options) {
    String[] all = new String[options.length + 4];
    System.arraycopy(options, 0, all, 0, options.length);
    System.arraycopy(new String[] {"--", "sh", "-c", script}, 0, all, options.length, 4);
    Running guard = gateway.serving(GuardProcess.exec(all)).start();
    Polling.until("it runs", () -> MachineRemains.text(guard.output()).length() >= 17);
    return guard;
  }

  private static String id(Running guard) {
    return MachineRemains.text(guard.output()).substring(0, 16);
  }

  @Test
  void theCommandOfAKilledGatewayGoesOnAndExitsAsItDoes() {
    Running guard = running("trap 'exit 9' TERM; echo $GUARD_ID; while :; do sleep 0.02; done");
    gateway.kill();
    assertThat(guard.isAlive()).isTrue();
    guard.signal("TERM");
    Finished f = guard.await();
    assertThat(f.exit()).isEqualTo(9);
  }

  @Test
  void theCommandOfAKilledGatewayIsEndedAtItsDeadline() {
    Running guard =
        running(
            "trap '' TERM; (setsid sleep 61 &); echo $GUARD_ID; sleep 60; sleep 62",
            "--timeout",
            "2",
            "--kill-after",
            "0.2");
    String id = id(guard);
    gateway.kill();
    Finished f = guard.await();
    assertThat(f.exit()).isEqualTo(124);
    assertThat(MachineRemains.processesWith("GUARD_ID=" + id)).isEmpty();
    assertThat(MachineRemains.cgroups(id)).isEmpty();
  }

  @Test
  void theLeftoversOfACommandWhoseGatewayWasKilledAreEnded() {
    Running guard =
        running(
            "(setsid sleep 61 &); trap 'exit 3' TERM; echo $GUARD_ID; while :; do sleep 0.02; done");
    String id = id(guard);
    gateway.kill();
    guard.signal("TERM");
    assertThat(guard.await().exit()).isEqualTo(3);
    assertThat(MachineRemains.processesWith("GUARD_ID=" + id)).isEmpty();
    assertThat(MachineRemains.cgroups(id)).isEmpty();
  }

  /** The caller of a command that leaves a process, as the policy lets it, and then its id. */
  private Running leaving() {
    GuardProcess guard =
        GuardProcess.exec(
            "--gateway=require",
            "--leftovers=with-parent",
            "--",
            "sh",
            "-c",
            "setsid sleep 600 & echo $GUARD_ID");
    guard.through("sh", "-c", "\"$@\"; echo left; exec sleep 600", "sh");
    Running caller = gateway.serving(guard).start();
    Polling.until("guard has ended", () -> MachineRemains.text(caller.output()).endsWith("left\n"));
    assertThat(MachineRemains.processesWith("GUARD_ID=" + id(caller))).hasSize(1);
    return caller;
  }

  @Test
  void leftoversThatMayStayEndWithTheirCallerWithoutTheGateway() {
    Running caller = leaving();
    String id = id(caller);
    gateway.kill();
    caller.signal("KILL");
    caller.await();
    NothingLeft.awaitNoProcess();
    assertThat(MachineRemains.cgroups(id)).isEmpty();
    // Whoever comes next forgets the command.
    assertThat(store.on(GuardProcess.of("ps", "-a", "--json")).run().output().strip())
        .isEqualTo("[]");
  }

  @Test
  void leftoversThatMayStayEndWithTheirCallerWithoutTheirKeeper() {
    Running caller = leaving();
    String id = id(caller);
    Detached.kill(keeper());
    caller.signal("KILL");
    caller.await();
    NothingLeft.awaitNoneBut(Set.of(gateway.pid()));
    Path record = store.directory().resolve("run/guard");
    Polling.until("its record goes", () -> Store.recordFile(record, id).isEmpty());
    assertThat(MachineRemains.cgroups(id)).isEmpty();
  }

  /** Finds the keeper of leftovers, which this JVM adopts when the shim has ended. */
  private static long keeper() {
    return ProcessHandle.current()
        .children()
        .filter(p -> MachineRemains.text(Path.of("/proc/" + p.pid() + "/comm")).equals("guard\n"))
        .findFirst()
        .orElseThrow()
        .pid();
  }

  @Test
  void aStoppedGatewayHoldsNoDeadlineUp() {
    Running guard =
        running(
            "(setsid sleep 61 &); echo $GUARD_ID; sleep 60",
            "--timeout",
            "1",
            "--kill-after",
            "0.2");
    String id = id(guard);
    gateway.signal("STOP");
    Finished f = guard.await();
    assertThat(f.exit()).isEqualTo(124);
    assertThat(MachineRemains.processesWith("GUARD_ID=" + id)).isEmpty();
    gateway.signal("CONT");
    Polling.until("its cgroup is removed", () -> MachineRemains.cgroups(id).isEmpty());
  }

  @Test
  void whoCallsAStoppedGatewayRunsWithoutIt() {
    gateway.signal("STOP");
    Finished f = gateway.serving(GuardProcess.exec("--", "echo", "ran")).run();
    assertThat(f.output()).as(f.errors()).isEqualTo("ran\n");
    gateway.signal("CONT");
  }

  @Test
  void whatAKilledGatewayHasLeftIsNoObstacleToTheNext() {
    gateway.kill();
    try (OwnGateway next = OwnGateway.on(store)) {
      Finished f = next.serving(GuardProcess.exec("--gateway=require", "--", "echo", "ran")).run();
      assertThat(f.output()).as(f.errors()).isEqualTo("ran\n");
      Finished stop = next.serving(GuardProcess.of("gateway", "stop")).run();
      assertThat(stop.exit()).as(stop.errors()).isZero();
      assertThat(next.isAlive()).isFalse();
    }
  }

  @Test
  void theNextGatewayTakesACommandOver() {
    Path report = directory.resolve("report.json");
    Running guard =
        running(
            "trap 'exit 9' TERM; echo $GUARD_ID; while :; do sleep 0.02; done",
            "--report",
            report.toString());
    String id = id(guard);
    gateway.kill();
    try (OwnGateway next = OwnGateway.beside(store, guard.pid())) {
      awaitTakenOver(id, next);
      guard.signal("TERM");
      assertThat(guard.await().exit()).isEqualTo(9);
      JsonObject told = Reported.parse(MachineRemains.text(report));
      assertThat(told.get("id").getAsString()).isEqualTo(id);
      assertThat(told.getAsJsonObject("exit").get("cause").getAsString()).isEqualTo("exited");
      assertThat(told.getAsJsonObject("usage").get("peak_pids").getAsInt()).isPositive();
      assertThat(store.history()).singleElement(STRING).contains(id, "\"code\":9");
      assertThat(MachineRemains.cgroups(id)).isEmpty();
    }
  }

  @Test
  void theNextGatewayKeepsTheDeadlineAndEndsTheTree() {
    Running guard =
        running(
            "trap '' TERM; (setsid sleep 600 &); echo $GUARD_ID; sleep 600; sleep 600",
            "--timeout",
            "5",
            "--kill-after",
            "0.2");
    String id = id(guard);
    assertThat(gateway.serving(GuardProcess.of("gateway", "stop")).run().exit()).isZero();
    try (OwnGateway next = OwnGateway.beside(store, guard.pid())) {
      awaitTakenOver(id, next);
      Finished f = guard.await();
      assertThat(f.exit()).isEqualTo(124);
      assertThat(f.errors()).contains("timeout").doesNotContain("the gateway has ended");
      assertThat(MachineRemains.processesWith("GUARD_ID=" + id)).isEmpty();
      assertThat(store.history()).singleElement(STRING).contains("\"cause\":\"timeout\"");
    }
  }

  /** The shim of a command that was taken over is killed. */
  @Test
  void theNextGatewayEndsWhatHasLostItsShim() {
    Running guard = running("(setsid sleep 600 &); echo $GUARD_ID; exec sleep 600");
    String id = id(guard);
    gateway.kill();
    try (OwnGateway next = OwnGateway.beside(store, guard.pid())) {
      awaitTakenOver(id, next);
      guard.signal("KILL");
      guard.await();
      Polling.until("its cgroup is removed", () -> MachineRemains.cgroups(id).isEmpty());
      assertThat(MachineRemains.processesWith("GUARD_ID=" + id)).isEmpty();
    }
  }

  private void awaitTakenOver(String id, OwnGateway next) {
    Path at = store.directory().resolve("run/guard");
    Polling.until("it is taken over", () -> Store.pid(at, id, "lifeline") == next.pid());
  }

  /** Whoever finds no room in the queue starts a JVM, and a thousand of those end a machine. */
  @Test
  void manyCallersFindRoomWhileItIsSlow() throws Exception {
    gateway.signal("STOP");
    List<SocketChannel> callers = new ArrayList<>();
    try {
      for (int i = 0; i < 500; i++) {
        SocketChannel caller = SocketChannel.open(StandardProtocolFamily.UNIX);
        callers.add(caller);
        caller.configureBlocking(false);
        assertThat(caller.connect(UnixDomainSocketAddress.of(gateway.socket())))
            .as("caller %d", i)
            .isTrue();
      }
    } finally {
      gateway.signal("CONT");
      for (SocketChannel caller : callers) {
        caller.close();
      }
    }
    assertThat(gateway.serving(GuardProcess.exec("--", "echo", "ran")).run().output())
        .isEqualTo("ran\n");
  }
}
