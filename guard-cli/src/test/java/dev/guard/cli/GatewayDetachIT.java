package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A detached command of a gateway lives on, whichever of its two guards dies or stops. */
@Needs({"unshare", "nsenter"})
@ExtendWith(NothingLeft.class)
class GatewayDetachIT {
  private static final String TALKS =
      "setsid sleep 301 & n=0; while :; do n=$((n + 1)); echo line $n; sleep 0.05; done";

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

  private Finished call(String script, String... options) {
    List<String> words = new ArrayList<>(List.of("--detach"));
    words.addAll(List.of(options));
    words.addAll(List.of("--", "sh", "-c", script));
    return gateway.serving(GuardProcess.exec(words.toArray(String[]::new))).run();
  }

  private String detach(String script, String... options) {
    Finished f = call(script, options);
    assertThat(f.exit()).as(f.errors()).isZero();
    assertThat(f.output()).matches("[0-9a-f]{16}\n");
    String id = f.output().strip();
    assertThat(pid(id, "lifeline")).as("the gateway serves it").isEqualTo(gateway.pid());
    return id;
  }

  private long pid(String id, String of) {
    return Store.pid(store.directory().resolve("run/guard"), id, of);
  }

  private void awaitLog(String id, String text) {
    Polling.until("its log has " + text, () -> store.log(id).contains(text));
  }

  private Finished guard(String... words) {
    return store.on(GuardProcess.of(words)).run();
  }

  private String state(String id) {
    String all = guard("ps", "-a", "--json").output();
    return all.replaceFirst("(?s).*\"id\": *\"" + id + "\".*?\"state\": *\"([a-z]*)\".*", "$1");
  }

  private void isUnknown(String id) {
    Finished wait = guard("wait", id);
    assertThat(wait.exit()).as(wait.errors()).isEqualTo(125);
    assertThat(wait.errors())
        .matches(
            "guard: guard \\(process \\d+\\) was killed, how the command ended is not known\n");
    assertThat(MachineRemains.cgroups(id)).isEmpty();
  }

  @Test
  void itsShimIsSmallAndTellsHowItEnds() throws Exception {
    Path go = directory.resolve("go");
    String id = detach("until [ -e " + go + " ]; do sleep 0.02; done; echo out; exit 7");
    long shim = pid(id, "guard");
    assertThat(MachineRemains.text(Path.of("/proc/" + shim + "/comm"))).isEqualTo("guard\n");
    long kib =
        MachineRemains.text(Path.of("/proc/" + shim + "/smaps_rollup"))
            .lines()
            // Clean ones are of the program itself, which all shims share.
            .filter(l -> l.startsWith("Private_Dirty"))
            .mapToLong(l -> Long.parseLong(l.replaceAll("[^0-9]", "")))
            .sum();
    assertThat(kib).isBetween(4L, 64L);
    Files.createFile(go);
    assertThat(guard("wait", id).exit()).isEqualTo(7);
    assertThat(guard("logs", id).output()).isEqualTo("out\n");
  }

  /** Nobody could stop it by its id. */
  @Test
  void oneWhoseIdIsNotToldIsCancelled() {
    GuardProcess call =
        GuardProcess.exec(
            "--detach", "--gateway", "require", "--timeout", "0", "--", "sleep", "60");
    call.through("sh", "-c", "exec \"$@\" >/dev/full", "sh");
    Finished f = gateway.serving(call).run();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors())
        .endsWith("guard: the id could not be written, and the command does not run\n");
    NothingLeft.awaitNoneBut(Set.of(gateway.pid()));
    assertThat(guard("history", "--json").output()).contains("\"cause\":\"cancelled\"");
  }

  @Test
  void withoutItsShimItsLogGoesOnAndItsTimeoutEndsIt() {
    String id = detach(TALKS, "--timeout", "1.5");
    Detached.kill(pid(id, "guard"));
    long lines = store.log(id).lines().count();
    Polling.until("its log goes on", () -> store.log(id).lines().count() > lines + 3);
    assertThat(state(id)).isEqualTo("unattended");
    NothingLeft.awaitNoneBut(Set.of(gateway.pid()));
    Polling.until("it is over", () -> state(id).equals("ended"));
    isUnknown(id);
  }

  /** Nobody tells the end of its main process any more. */
  @Test
  void withoutItsShimItsEndIsSeen() throws Exception {
    Path go = directory.resolve("go");
    String id = detach("until [ -e " + go + " ]; do sleep 0.02; done", "--timeout", "0");
    Detached.kill(pid(id, "guard"));
    Files.createFile(go);
    isUnknown(id);
  }

  @Test
  void whileItsShimIsStoppedItsTimeoutEndsIt() {
    String id = detach(TALKS, "--timeout", "1");
    long shim = pid(id, "guard");
    assertThat(Signal.send("STOP", Long.toString(shim))).isTrue();
    Finished wait = guard("wait", id);
    assertThat(wait.exit()).as(wait.errors()).isEqualTo(124);
    assertThat(Signal.send("CONT", Long.toString(shim))).isTrue();
  }

  @Test
  void withoutItsGatewayItWritesOnAndItsTimeoutEndsIt() throws Exception {
    Path go = directory.resolve("go");
    String script =
        "until [ -e " + go + " ]; do sleep 0.02; done; head -c 300000 /dev/zero; " + TALKS;
    String id = detach(script, "--timeout", "3", "--kill-after", "0.2");
    gateway.kill();
    Files.createFile(go);
    // More than a pipe holds came before it.
    awaitLog(id, "line 3\n");
    assertThat(state(id)).isEqualTo("running");
    NothingLeft.awaitNoProcess();
    isUnknown(id);
  }

  @Test
  void theNextGatewayTakesItOver() throws Exception {
    Path go = directory.resolve("go");
    String id =
        detach("until [ -e " + go + " ]; do echo line; sleep 0.02; done; echo last; exit 7");
    long shim = pid(id, "guard");
    gateway.kill();
    try (OwnGateway next = OwnGateway.beside(store, shim)) {
      Polling.until("it is taken over", () -> pid(id, "lifeline") == next.pid());
      long lines = store.log(id).lines().count();
      Polling.until("its log goes on", () -> store.log(id).lines().count() > lines + 3);
      Files.createFile(go);
      Finished wait = guard("wait", id);
      assertThat(wait.exit()).as(wait.errors()).isEqualTo(7);
      assertThat(store.log(id)).endsWith("last\n");
    }
  }

  @Test
  void whileItsGatewayIsStoppedItsTimeoutEndsIt() {
    String id = detach("exec yes", "--timeout", "1", "--kill-after", "0.1");
    long shim = pid(id, "guard");
    gateway.signal("STOP");
    Polling.until("its shim has ended", () -> !Store.lives(shim));
    assertThat(MachineRemains.processesWith("GUARD_ID=" + id)).isEmpty();
    gateway.signal("CONT");
    Polling.until("it is over", () -> state(id).equals("ended"));
  }

  @Test
  void withoutBothItIsAnOrphan() {
    String id = detach(TALKS, "--timeout", "0");
    long shim = pid(id, "guard");
    gateway.kill();
    Detached.kill(shim);
    assertThat(state(id)).isEqualTo("orphaned");
    assertThat(guard("reap").exit()).isZero();
    assertThat(MachineRemains.processesWith("GUARD_ID=" + id)).isEmpty();
  }

  @Test
  void whoCallsAStoppedGatewayIsServedWithoutIt() {
    gateway.signal("STOP");
    Finished f = call("exec sleep 60");
    gateway.signal("CONT");
    assertThat(f.exit()).as(f.errors()).isZero();
    assertThat(pid(f.output().strip(), "lifeline")).isNotEqualTo(gateway.pid());
    assertThat(guard("stop", "--grace=0", f.output().strip()).exit()).isZero();
  }
}
