package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Os;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway answers guard ps and the like as guard does without one. */
@Needs({"unshare", "nsenter"})
class GatewayAnswersIT {
  private static final int PLACES = 64;

  @TempDir private static Path directory;
  private static OwnGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    Os.linux().becomeSubreaper();
    gateway = OwnGateway.on(OwnStore.in(directory.resolve("store")));
    exec("--", "sh", "-c", "exit 3");
    exec("--name", "other", "--budget", "b", "--timeout", "0.1", "--", "sleep", "60");
  }

  @AfterEach
  void nothingIsLeft() {
    NothingLeft.awaitNoneBut(Set.of(gateway.pid()));
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  private static GuardProcess guard(String... words) {
    return gateway.serving(GuardProcess.of(words));
  }

  private static Finished exec(String... words) {
    return gateway.serving(GuardProcess.exec(words)).run();
  }

  /** Starts a command that says when it runs, and waits for that. */
  private static Running running(String name, String script) {
    Running r =
        gateway
            .serving(GuardProcess.exec("--name", name, "--", "sh", "-c", "echo; " + script))
            .start();
    Polling.until("the command runs", () -> Files.size(r.output()) > 0);
    return r;
  }

  /** Counts the JVMs that this test has made, below all of its processes. */
  private static long machines() {
    return ProcessHandle.current()
        .descendants()
        .filter(p -> p.info().command().filter(c -> c.endsWith("/java")).isPresent())
        .filter(p -> p.pid() != gateway.pid())
        .count();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "history",
        "history --json",
        "history --cause timeout",
        "history --since 2999-01-01",
        "history --since nonsense",
        "history --budget b --until 2020-01-01T00:00",
        "why other",
        "why --json other",
        "why nobody",
        "why a b",
        "ps",
        "ps --all --json",
        "ps --jsonx",
        "ps x",
        "logs other",
        "logs",
        "wait other",
        "wait nobody other",
        "stop nobody",
        "stop other",
        "stop --grace x other",
        "kill -9 other",
        "kill",
        "rm nobody",
        "rm -f nobody",
        "ps --help",
        "ps -ah",
        "history -h",
      })
  void itSaysWhatGuardSaysAlone(String call) {
    String[] words = call.split(" ", -1);
    Finished alone = guard(words).with("GUARD_GATEWAY", "off").run();
    Finished answered = guard(words).run();
    assertThat(answered.exit()).isEqualTo(alone.exit());
    assertThat(answered.output()).isEqualTo(alone.output());
    assertThat(answered.errors()).isEqualTo(alone.errors());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Asia/Tokyo", ":America/New_York", "UTC", "XYZ5", "nowhere/at/all", ""})
  void timesAreInTheCallersZone(String zone) {
    Finished alone = guard("history").with("TZ", zone).with("GUARD_GATEWAY", "off").run();
    Finished answered = guard("history").with("TZ", zone).run();
    assertThat(answered.output()).isEqualTo(alone.output());
    assertThat(answered.output()).contains("timeout");
  }

  @Test
  void aProblemInTheSettingsIsOneLineAndEndsAllTheSame() {
    Running r = running("settings", "exec sleep 60");
    Finished stop = guard("stop", "settings").with("GUARD_TIMEOUT", "soon").run();
    assertThat(stop.exit()).isZero();
    assertThat(stop.errors().lines()).hasSize(1);
    assertThat(stop.errors()).startsWith("guard: the built-in settings are used");
    assertThat(r.await().exit()).isEqualTo(143);
  }

  @Test
  void noMachineOfJavaIsStartedForIt() {
    Running r = running("waited", "exec sleep 60");
    Running waiter = guard("wait", "waited").start();
    Polling.until("the waiter is answered", () -> threads("guard-call") > 0);
    assertThat(machines()).isZero();
    assertThat(guard("ps").run().output()).contains("waited");
    assertThat(guard("stop", "waited").run().exit()).isZero();
    assertThat(waiter.await().exit()).isEqualTo(143);
    r.await();
  }

  @Test
  void aCommandDoesNotEndItselfByIt() {
    Running r =
        gateway
            .serving(
                GuardProcess.script(
                    "exec \"$GUARD\" exec --name self -- sh -c '\"$GUARD\" stop self; echo $?'"))
            .with("GUARD_MAX_PROCESSES", "32")
            .start();
    Finished f = r.await();
    assertThat(f.output()).isEqualTo("125\n");
    assertThat(f.errors()).contains("itself");
  }

  @Test
  void whoWaitsNoLongerGivesItsPlaceBack() {
    Running r = running("long", "exec sleep 60");
    List<Running> waiters = new ArrayList<>();
    for (int i = 0; i < PLACES; i++) {
      waiters.add(guard("wait", "long").start());
    }
    Polling.until("all wait", () -> threads("guard-call") >= PLACES);
    Running beyond = guard("wait", "long").start();
    Polling.until("the next one is left to Java", () -> machines() == 1);
    for (Running waiter : waiters) {
      waiter.signal("KILL");
      waiter.await();
    }
    Polling.until("their places are free", () -> threads("guard-call") == 0);
    beyond.signal("TERM");
    beyond.await();
    assertThat(guard("ps").run().output()).contains("long");
    assertThat(machines()).isZero();
    assertThat(guard("stop", "long").run().exit()).isZero();
    r.await();
  }

  @Test
  void whereItIsStoppedGuardAnswersByItself() {
    gateway.signal("STOP");
    try {
      Finished f = guard("ps").run();
      assertThat(f.exit()).isZero();
      assertThat(f.output()).startsWith("ID ");
    } finally {
      gateway.signal("CONT");
    }
  }

  /** Counts the gateway's threads that serve a call now. */
  private static long threads(String name) throws IOException {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + gateway.pid() + "/task"))) {
      return tasks.filter(t -> MachineRemains.text(t.resolve("comm")).strip().equals(name)).count();
    }
  }
}
