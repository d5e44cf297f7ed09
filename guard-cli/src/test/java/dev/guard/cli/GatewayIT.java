package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Os;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway serves guard exec, so that nobody notices but by the time that it takes. */
@Needs({"unshare", "nsenter"})
class GatewayIT {
  @TempDir private static Path directory;
  private static OwnGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    Os.linux().becomeSubreaper();
    gateway = OwnGateway.on(OwnStore.in(directory.resolve("store")));
  }

  @AfterEach
  void nothingIsLeft() {
    NothingLeft.awaitNoneBut(Set.of(gateway.pid()));
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  private static Reported reported(String... arguments) {
    return Reported.exec(gateway::serving, arguments);
  }

  private static Finished exec(String... arguments) {
    return gateway.serving(GuardProcess.exec(arguments)).run();
  }

  /** The receipt names who ends the tree when the shim has gone. */
  private static boolean isServed(Reported command) {
    return command.layer("lifeline").get("detail").getAsString().equals("gateway " + gateway.pid());
  }

  @Test
  void theGatewayLimitsWhatItsShimStarts() {
    Reported r = reported("--", "sh", "-c", "cat /proc/self/cgroup; echo $GUARD_ID; exit 7");
    assertThat(r.finished().exit()).as(r.finished().errors()).isEqualTo(7);
    assertThat(isServed(r)).as("%s", r.report()).isTrue();
    assertThat(r.cause()).isEqualTo("exited");
    assertThat(r.finished().output()).contains("/guard/cmd_" + r.id()).endsWith(r.id() + "\n");
    assertThat(r.layer("pids").get("state").getAsString()).isEqualTo("active");
    assertThat(MachineRemains.cgroups(r.id())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "exit 0, 0",
    "exit 255, 255",
    "kill -TERM $$, 143",
    "kill -KILL $$, 137",
    "kill -USR1 $$, 138",
  })
  void itExitsAsTheCommandDid(String script, int status) {
    assertThat(exec("--", "sh", "-c", script).exit()).isEqualTo(status);
  }

  @Test
  void whatCanNotBeExecutedHasItsReason() throws Exception {
    assertThat(exec("--", "no-such-program").exit()).isEqualTo(127);
    assertThat(exec("--", "/no/such/program").errors())
        .isEqualTo("guard: /no/such/program: command not found\n");
    assertThat(exec("--", "/etc").exit()).isEqualTo(126);
    Path script = Files.writeString(directory.resolve("script"), "echo as a script: $1\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    Finished f = exec("--", script.toString(), "one");
    assertThat(f.output()).as(f.errors()).isEqualTo("as a script: one\n");
  }

  @Test
  void atItsTimeoutTheWholeTreeIsEnded() {
    Reported r = reported("--timeout", "0.5", "--", "sh", "-c", "(setsid sleep 61 &); sleep 60");
    assertThat(r.finished().exit()).isEqualTo(124);
    assertThat(isServed(r)).isTrue();
    assertThat(r.cause()).isEqualTo("timeout");
    assertThat(r.finished().errors()).contains("timeout");
    assertThat(MachineRemains.processesWith("GUARD_ID=" + r.id())).isEmpty();
  }

  @Test
  void leftoversAreEndedAndSaid() {
    Reported r = reported("--", "sh", "-c", "setsid sleep 61 &");
    assertThat(r.finished().exit()).isZero();
    assertThat(r.report().get("leftovers_killed").getAsInt()).isEqualTo(1);
    assertThat(MachineRemains.processesWith("GUARD_ID=" + r.id())).isEmpty();
  }

  @Test
  void whatIsWrongIsSaidAndNothingRuns() {
    Finished f = exec("--timeout", "soon", "--pids-max", "none", "--", "echo", "ran");
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.output()).isEmpty();
    assertThat(f.errors().lines()).hasSize(2).allMatch(l -> l.startsWith("guard: "));
  }

  @Test
  void aFullBudgetRefuses() {
    Running first =
        gateway
            .serving(GuardProcess.exec("--budget", "full", "--", "sh", "-c", "echo; exec sleep 60"))
            .with("GUARD_MAX_PROCESSES", "1")
            .start();
    Polling.until("it runs", () -> !MachineRemains.text(first.output()).isEmpty());
    Finished second =
        gateway
            .serving(GuardProcess.exec("--budget", "full", "--", "true"))
            .with("GUARD_MAX_PROCESSES", "1")
            .run();
    assertThat(second.exit()).isEqualTo(75);
    assertThat(second.errors()).contains("Process limit reached (1/1 active processes)");
    first.signal("TERM");
    assertThat(first.await().exit()).isEqualTo(143);
  }

  @Test
  void aLargeEnvironmentAndItsBytesArriveWhole() {
    String large = "x".repeat(100_000);
    GuardProcess guard = GuardProcess.exec("--", "sh", "-c", "printf %s \"$A9\" | wc -c");
    for (int i = 0; i < 10; i++) {
      guard.with("A" + i, large);
    }
    assertThat(gateway.serving(guard).run().output().strip()).isEqualTo("100000");
  }

  /** More than the first message holds; the record, the report and the command have all of it. */
  @Test
  void manyArgumentsArriveWhole() {
    List<String> words = new ArrayList<>(List.of("--", "sh", "-c", "echo $#; echo \"$*\" | wc -c"));
    words.add("sh");
    IntStream.range(0, 7).forEach(i -> words.add((i + "x").repeat(50_000)));
    Reported r = reported(words.toArray(String[]::new));
    assertThat(isServed(r)).isTrue();
    assertThat(r.finished().output()).isEqualTo("7\n700007\n");
    assertThat(r.report().getAsJsonArray("argv")).hasSize(11);
    assertThat(r.report().getAsJsonArray("argv").get(10).getAsString()).hasSize(100_000);
  }

  /** What is more than the gateway has room for is for a guard of its own. */
  @Test
  void beyondABoundTheyAreNotServed() {
    List<String> words = new ArrayList<>(List.of("--", "sh", "-c", "echo $#", "sh"));
    IntStream.range(0, 11).forEach(i -> words.add("x".repeat(100_000)));
    Reported r = reported(words.toArray(String[]::new));
    assertThat(isServed(r)).isFalse();
    assertThat(r.finished().output()).isEqualTo("11\n");
  }

  @Test
  void aSignalToTheShimReachesTheCommand() {
    Running guard =
        gateway
            .serving(
                GuardProcess.exec(
                    "--",
                    "sh",
                    "-c",
                    "trap 'echo usr1' USR1; trap 'exit 9' TERM; echo up; while :; do sleep 0.02;"
                        + " done"))
            .start();
    Polling.until("it runs", () -> MachineRemains.text(guard.output()).contains("up"));
    guard.signal("USR1");
    Polling.until("it got USR1", () -> MachineRemains.text(guard.output()).contains("usr1"));
    guard.signal("TERM");
    assertThat(guard.await().exit()).isEqualTo(9);
  }

  @Test
  void aShimThatIsKilledTakesItsTreeAlong() {
    Running guard =
        gateway
            .serving(
                GuardProcess.exec(
                    "--", "sh", "-c", "(setsid sleep 61 &); echo $GUARD_ID; exec sleep 60"))
            .start();
    Polling.until("it runs", () -> MachineRemains.text(guard.output()).length() == 17);
    String id = MachineRemains.text(guard.output()).strip();
    guard.signal("KILL");
    guard.await();
    Polling.until(
        "its tree is ended", () -> MachineRemains.processesWith("GUARD_ID=" + id).isEmpty());
    Polling.until("its cgroup is removed", () -> MachineRemains.cgroups(id).isEmpty());
    Polling.until(
        "the history has it",
        () ->
            gateway
                .serving(GuardProcess.of("history", "--json"))
                .run()
                .output()
                .contains("\"id\":\"" + id + "\""));
  }

  /**
   * A command that was stopped beyond its timeout is ended when it goes on, and guard says so; the
   * time while it is stopped counts.
   */
  @Test
  void theTimeoutOfAStoppedJobWaits() throws Exception {
    JobShell shell = JobShell.in(directory);
    GuardProcess guard =
        GuardProcess.exec("--timeout", "0.5", "--", "sh", "-c", "echo $$; exec sleep 60");
    Running all = gateway.serving(guard.through(shell.words("i").toArray(String[]::new))).start();
    Polling.until("it runs", () -> MachineRemains.text(all.output()).endsWith("\n"));
    int command = Integer.parseInt(MachineRemains.text(all.output()).strip());
    long begin = System.nanoTime();
    shell.type(26);
    shell.awaitSaid("stopped");
    Polling.until("its time is over", () -> System.nanoTime() - begin > 800_000_000);
    JobShell.awaitStopped(command);
    shell.foreground();
    shell.awaitSaid("exited 124");
    assertThat(all.await().errors()).contains("timeout");
  }

  @Test
  void inTheForegroundTheCommandIsInTheGroupOfItsCaller() {
    Reported r = reported("--foreground", "--", "sh", "-c", "exec ps -o pgid= -p $$,$PPID");
    assertThat(isServed(r)).isTrue();
    assertThat(r.finished().lines().stream().distinct()).hasSize(1);
  }

  @Test
  void aRelativePathIsOneOfTheCallersDirectory() throws Exception {
    Path work = directory.resolve("store/work");
    Files.createDirectory(work.resolve("sub"));
    Files.writeString(work.resolve("own.toml"), "[limits]\npids_max = 77\n");
    Reported r = reported("--config", "own.toml", "--directory", "sub", "--", "pwd");
    assertThat(isServed(r)).as("%s", r.report()).isTrue();
    assertThat(r.finished().output()).isEqualTo(work.toRealPath().resolve("sub") + "\n");
    assertThat(r.layer("pids").get("limit").getAsString()).isEqualTo("77");
    Reported byVariable =
        Reported.exec(g -> gateway.serving(g).with("GUARD_CONFIG", "./own.toml"), "--", "true");
    assertThat(isServed(byVariable)).isTrue();
    assertThat(byVariable.layer("pids").get("limit").getAsString()).isEqualTo("77");
  }

  @Test
  void whatIsWrongWithARelativePathIsSaid() {
    Finished f = exec("--directory", "none", "--", "true");
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors()).startsWith("guard: --directory: ").contains("none");
    assertThat(exec("--config", "none.toml", "--", "true").errors())
        .contains("none.toml: there is no such file");
  }

  @Test
  void whoMayDoLessIsNotServed() {
    Reported r =
        Reported.exec(g -> gateway.serving(g.through("setpriv", "--no-new-privs")), "--", "true");
    assertThat(r.finished().exit()).isZero();
    assertThat(isServed(r)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--gateway=off"})
  void whatIsNotForTheGatewayRunsAsWithoutIt(String option) {
    Reported r = reported(option, "--", "echo", "ran");
    assertThat(r.finished().output()).isEqualTo("ran\n");
    assertThat(isServed(r)).isFalse();
  }

  @Test
  void whoRequiresTheGatewayIsServed() {
    assertThat(exec("--gateway", "require", "--", "echo", "ran").output()).isEqualTo("ran\n");
    Finished f = GuardProcess.exec("--gateway", "require", "--", "echo", "ran").run();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.output()).isEmpty();
  }

  @Test
  void whoRequiresItAndIsNotServedIsToldWhy() {
    GuardProcess elsewhere = GuardProcess.exec("--gateway=require", "--", "echo", "ran");
    Finished f = gateway.serving(elsewhere).with("XDG_CONFIG_HOME", "relative").run();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.output()).isEmpty();
    assertThat(f.errors())
        .isEqualTo(
            "guard: gateway.mode is require, and the gateway does not serve this call: a relative"
                + " path\n");
  }

  @Test
  void itsNameIsNotJava() throws Exception {
    assertThat(Files.readString(Path.of("/proc/" + gateway.pid() + "/comm")))
        .isEqualTo("guard-gateway\n");
  }

  @Test
  void aSecondOneIsRefused() {
    Finished second = gateway.serving(GuardProcess.of("gateway", "run")).run();
    assertThat(second.exit()).isEqualTo(125);
    assertThat(second.errors()).contains("runs already");
    Finished status = gateway.serving(GuardProcess.of("gateway", "status")).run();
    assertThat(status.exit()).isZero();
    assertThat(status.output()).startsWith("process " + gateway.pid() + " listens at ");
  }

  @Test
  void sixtyAtOnceAreServed() {
    List<Running> all =
        IntStream.range(0, 60)
            .mapToObj(
                i ->
                    gateway
                        .serving(GuardProcess.exec("--", "echo", Integer.toString(i)))
                        .with("GUARD_MAX_PROCESSES", "0")
                        .start())
            .toList();
    for (int i = 0; i < all.size(); i++) {
      assertThat(all.get(i).await().output()).isEqualTo(i + "\n");
    }
  }
}
