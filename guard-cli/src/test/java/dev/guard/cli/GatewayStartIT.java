package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.guard.os.Os;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway starts in a place of its own: by hand, or beside a command that none serves. */
@Needs({"unshare", "nsenter", "setpriv", "perl", "renice", "taskset"})
class GatewayStartIT {
  private static final String MARK = "guard/gateway.start";

  @TempDir private static Path directory;
  private static OwnWorld world;

  @BeforeAll
  static void make() throws Exception {
    Os.linux().becomeSubreaper();
    world = OwnWorld.in(directory.resolve("world"));
  }

  @AfterEach
  void stop() throws Exception {
    world.run("$GUARD gateway stop; rm -rf /run/guard \"$HOME/.local\"");
  }

  @AfterAll
  static void end() {
    world.close();
  }

  private static JsonObject status() {
    Finished f = world.run("$GUARD gateway status --json");
    JsonObject status = JsonParser.parseString(f.output()).getAsJsonObject();
    assertThat(f.exit()).isEqualTo(status.get("running").getAsBoolean() ? 0 : 1);
    return status;
  }

  private static Finished exec(String... arguments) {
    return world.calling(GuardProcess.exec(arguments)).run();
  }

  private static boolean wasTried() {
    return !MachineRemains.text(world.run(Path.of(MARK))).isEmpty();
  }

  /** The receipt names who ends the tree when guard has gone. */
  private static String lifeline() {
    Finished f = exec("--report", "fd:1", "--", "true");
    return f.output().replaceAll("(?s).*\"lifeline\".*?\"detail\":\"([^\"]*)\".*", "$1");
  }

  @Test
  void itAnswersWhenItHasStartedAndASecondStartFindsIt() {
    assertThat(status().get("running").getAsBoolean()).isFalse();
    Finished f = world.run("$GUARD gateway start && $GUARD exec --gateway require -- echo ran");
    assertThat(f.output()).as(f.errors()).isEqualTo("ran\n");
    JsonObject first = status();
    assertThat(first.get("socket").getAsString()).isEqualTo("/run/guard/gateway-1");
    assertThat(first.get("protocol").getAsInt()).isEqualTo(1);
    assertThat(first.get("version").getAsString()).isNotEmpty();
    assertThat(first.get("since").getAsString()).startsWith("20");
    assertThat(first.get("commands").getAsInt()).isZero();
    assertThat(first.get("log").getAsString()).isEqualTo(world.log().toString());
    assertThat(first.get("unit").isJsonNull()).isTrue();
    assertThat(first.get("mode").getAsString()).isEqualTo("auto");
    assertThat(world.run("$GUARD gateway start").exit()).isZero();
    assertThat(status().get("pid")).isEqualTo(first.get("pid"));
    Finished text =
        world.run(
            "$GUARD exec -- sleep 60 & until $GUARD ps | grep -q sleep; do :; done; $GUARD gateway status; kill $!");
    assertThat(text.lines())
        .contains("live commands: 1", "log: " + world.log(), "unit: none", "mode: auto");
  }

  @Test
  void whatItsCallerHasItLeavesBehind() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    Finished f =
        world
            .calling(
                GuardProcess.script(
                    "cgroup=$(sed -n 's,^[0-9]*:pids:,/sys/fs/cgroup/pids,p' /proc/self/cgroup)/start-it\n"
                        + "[ ! -d /sys/fs/cgroup/pids ] || { mkdir $cgroup && echo $$ >$cgroup/cgroup.procs; }\n"
                        + "mkdir -p \"$HOME/.local/state\"; umask 0; ulimit -S -f 100000; taskset -pc 0 $$ >&2; renice 5 -p $$ >&2\n"
                        + "exec 7<\"$1\"; XDG_STATE_HOME=$2/state $GUARD gateway start\n"
                        + "grep Cpus_allowed_list /proc/1/status; cat /proc/1/cgroup; echo\n"
                        + "pid=$(sed -n 's/.*process \\([0-9]*\\) .*/\\1/p' \"$HOME/.local/state/guard/gateway.log\")\n"
                        + "grep -e Cpus_allowed_list -e Umask -e PPid /proc/$pid/status; cat /proc/$pid/cgroup\n"
                        + "cut -d ' ' -f 6,19 /proc/$pid/stat | sed \"s/^$pid /itself /\"; readlink /proc/$pid/cwd\n"
                        + "grep 'file size' /proc/$pid/limits; ls -l /proc/$pid/fd; tr '\\0' '\\n' </proc/$pid/environ\n"
                        + "[ ! -d /sys/fs/cgroup/pids ] || { echo $$ >${cgroup%/*}/cgroup.procs; rmdir $cgroup; }\n",
                    file.toString(), directory.toString()))
            .with("SECRET", "told")
            .with("CLAUDEX_TIMEOUT", "7")
            .run();
    String[] parts = f.output().split("\n\n", 2);
    assertThat(parts).as(f.errors()).hasSize(2);
    assertThat(parts[1])
        .as(f.errors())
        .contains(parts[0].lines().toList())
        .contains("Umask:\t0077", "PPid:\t1", "itself 0\n/\n", "HOME=" + world.home())
        .containsPattern("Max file size +unlimited")
        .doesNotContain(file.toString(), "SECRET", "CLAUDEX", "GUARD_", "XDG_STATE", MARK);
  }

  @Test
  void theSecondCommandIsServed() {
    String first = lifeline();
    assertThat(wasTried()).isTrue();
    Polling.until("one listens", () -> status().get("running").getAsBoolean());
    String served = "gateway " + status().get("pid");
    assertThat(lifeline()).isEqualTo(served).isNotEqualTo(first);
  }

  @Test
  void itIsStartedBesideACommandThatRuns() {
    Finished f =
        exec(
            "--", "sh", "-c", "until $0 gateway status; do :; done", GuardProcess.GUARD.toString());
    assertThat(f.output()).as(f.errors()).contains("listens at");
    assertThat(status().get("running").getAsBoolean()).isTrue();
  }

  @Test
  void ofManyAtOnceOneStartsIt() {
    List<Running> all =
        IntStream.range(0, 12)
            .mapToObj(
                i ->
                    world
                        .calling(GuardProcess.exec("--", "echo", "ran"))
                        .with("GUARD_RATE_LIMIT", "0")
                        .start())
            .toList();
    assertThat(all).allMatch(r -> r.await().output().equals("ran\n"));
    Polling.until("one listens", () -> status().get("running").getAsBoolean());
    assertThat(MachineRemains.text(world.log()).lines())
        .containsExactly(
            "guard: process " + status().get("pid") + " listens at /run/guard/gateway-1");
  }

  @ParameterizedTest
  @CsvSource({
    "env GUARD_GATEWAY=off, no mode",
    "env XDG_STATE_HOME=/tmp, a store of its own",
    "env HOME=/tmp, another home",
    "setpriv --no-new-privs, a sandbox",
    "setpriv --bounding-set -sys_nice, other rights",
    "unshare -m, another mount namespace",
    "unshare -i, another ipc namespace",
    "unshare -U -r, another user namespace",
  })
  void whoIsNotAsUsualStartsNone(String through, String why) {
    Finished f =
        world.calling(GuardProcess.exec("--", "echo", "ran"), through.split(" ", -1)).run();
    assertThat(f.output()).as(f.errors()).isEqualTo("ran\n");
    assertThat(f.errors()).isEmpty();
    assertThat(wasTried()).as(why).isFalse();
  }

  @Test
  void aGuardedCommandStartsNone() {
    Finished f =
        exec(
            "--gateway=off",
            "--",
            "env",
            "-u",
            "GUARD_ID",
            GuardProcess.GUARD.toString(),
            "exec",
            "--",
            "echo",
            "ran");
    assertThat(f.output()).as(f.errors()).isEqualTo("ran\n");
    assertThat(wasTried()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "setpriv --no-new-privs, this is a sandbox",
    "setpriv --bounding-set -sys_nice, other capabilities than usual",
    "unshare -m, this is another mount namespace",
    "unshare -i, this is another ipc namespace",
  })
  void whoMayNotStartOneIsToldWhy(String through, String why) {
    Finished f = world.calling(GuardProcess.of("gateway", "start"), through.split(" ", -1)).run();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors().lines())
        .singleElement()
        .asString()
        .startsWith("guard: the gateway was not started: ")
        .contains(why);
  }

  /** By the script alone, which says what its user may not leave. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ulimit -f 100 | setpriv --clear-groups --reuid 65534 --regid 65534 | its limit ulimit -f is 100, and can not be raised",
        "true | setpriv --groups 12 --reuid 65534 --regid 65534 | its groups are not those that its user has",
        "set -- must /proc/none/cgroup.procs | env | its cgroup has a limit, and it may not go to /proc/none/cgroup.procs",
      })
  void aLimitThatCanNotBeLeftIsSaid(String before, String through, String line) {
    Path script = GuardProcess.FOLDER.resolve("lib/gateway-alone");
    Finished f = world.run(before + "; exec " + through + " sh " + script + " \"$@\"");
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors()).isEqualTo("guard: " + line + "\n");
  }

  @Test
  void aStartThatFailsSaysWhyAndIsNotTriedAgainSoon() {
    world.run("mkdir -p /run/guard/gateway-1/x; chmod 700 /run/guard");
    Finished f = world.run("$GUARD gateway start");
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors())
        .isEqualTo(
            "guard: the gateway was not started: /run/guard/gateway-1 is a directory; remove it\n");
    String mark = MachineRemains.text(world.run(Path.of(MARK)));
    assertThat(exec("--", "echo", "ran").output()).isEqualTo("ran\n");
    assertThat(MachineRemains.text(world.run(Path.of(MARK)))).isEqualTo(mark);
    world.run("touch -d '2 minutes ago' /run/" + MARK);
    assertThat(exec("--", "echo", "ran").output()).isEqualTo("ran\n");
    assertThat(MachineRemains.text(world.run(Path.of(MARK)))).isNotEqualTo(mark);
  }

  @Test
  void whoeverIsStoppedWhileItStartsListensNoMore() {
    Finished f =
        world.run(
            "$GUARD gateway start 2>/dev/null & until [ -s /run/"
                + MARK
                + " ]; do :; done; $GUARD gateway stop; echo $?; wait; $GUARD gateway status");
    assertThat(f.lines()).first().isEqualTo("0");
    assertThat(f.output()).as(f.errors()).contains("no gateway listens");
  }

  @ParameterizedTest
  @ValueSource(strings = {"start", "status", "stop"})
  void aSocketOfAnotherUserIsNoGateway(String command) {
    Finished f =
        world.run(
            "mkdir -m 700 /run/guard; perl -e 'use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0);"
                + " bind(S, sockaddr_un(\"/run/guard/gateway-1\")); $> = 65534; listen(S, 9); sleep 60' & "
                + "until grep -q gateway-1 /proc/net/unix && [ -S /run/guard/gateway-1 ]; do :; done; "
                + "until [ \"$(ps -o uid= -p $!)\" -eq 65534 ]; do :; done; "
                + "$GUARD gateway "
                + command
                + "; code=$?; kill $!; exit $code");
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors().lines())
        .singleElement()
        .asString()
        .contains("/run/guard/gateway-1 is a socket of user 65534");
  }

  @Test
  void aDirectoryThatIsOpenToOthersIsNoPlace() {
    Finished f = world.run("mkdir -p /run/guard; chmod 777 /run/guard; $GUARD gateway start");
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors()).isEqualTo("guard: /run/guard is open to others; chmod 700 /run/guard\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "HUP"})
  void aSignalEndsItInOrder(String signal) {
    Finished f =
        world.run(
            "$GUARD gateway run & until [ -S /run/guard/gateway-1 ] && $GUARD gateway status; do :; done >&2;"
                + " kill -"
                + signal
                + " $!; wait $!; echo $?; ls /run/guard/gateway-1");
    assertThat(f.output()).as(f.errors()).isEqualTo("0\n");
  }

  @Test
  void withNothingToDoItEnds() {
    Finished f =
        world
            .calling(GuardProcess.of("gateway", "run"))
            .with("GUARD_GATEWAY_IDLE_EXIT", "0.1")
            .run();
    assertThat(f.exit()).as(f.errors()).isZero();
    assertThat(world.run(Path.of("guard/gateway-1"))).doesNotExist();
  }
}
