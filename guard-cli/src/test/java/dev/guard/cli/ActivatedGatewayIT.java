package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.guard.os.Os;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A service manager listens at the socket, and starts a gateway for whoever connects, see
 * sd_listen_fds(3). A small program stands for it; guests have the real one.
 */
@Needs({"unshare", "nsenter", "perl"})
class ActivatedGatewayIT {
  private static final String SOCKET = "/run/guard/gateway-1";

  /** Its words: the path, then what it starts for each connection while nobody serves. */
  private static final String MANAGER =
      """
      use Socket; use POSIX;
      $^F = 9;
      my $path = shift;
      mkdir '/run/guard', 0700;
      socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die; bind($s, sockaddr_un($path)) or die "$!";
      listen($s, 99) or die;
      my $child = 0;
      $SIG{TERM} = sub { if ($child) { kill 'KILL', $child; waitpid($child, 0); } exit; };
      open(my $own, '>', '/run/manager'); print $own $$; close $own;
      for (;;) {
        my $ready = ''; vec($ready, fileno($s), 1) = 1;
        select($ready, undef, undef, undef);
        open(my $starts, '>>', '/run/starts'); print $starts "start\\n"; close $starts;
        $child = fork;
        if ($child == 0) {
          POSIX::dup2(fileno($s), 3);
          $ENV{LISTEN_FDS} = 1; $ENV{LISTEN_PID} = $$;
          exec @ARGV; POSIX::_exit(1);
        }
        waitpid($child, 0);
        $child = 0;
      }
      """;

  @TempDir private static Path directory;
  private static OwnWorld world;
  private Running manager;

  @BeforeAll
  static void make() throws Exception {
    Os.linux().becomeSubreaper();
    world = OwnWorld.in(directory.resolve("world"));
    Files.writeString(directory.resolve("manager"), MANAGER);
  }

  private void manage(String idleExit) {
    manager =
        world
            .calling(
                GuardProcess.script(
                    "exec perl \"$1\" " + SOCKET + " $GUARD gateway run",
                    directory.resolve("manager").toString()))
            .with("GUARD_GATEWAY_IDLE_EXIT", idleExit)
            .start();
    Polling.until("it listens", () -> Files.exists(world.run(Path.of("guard/gateway-1"))));
  }

  @AfterEach
  void stop() {
    if (manager != null) {
      world.run("kill $(cat /run/manager)");
      manager.await();
    }
    world.run("rm -rf /run/guard /run/starts /run/manager");
  }

  @AfterAll
  static void end() {
    world.close();
  }

  private static Finished exec() {
    return world.calling(GuardProcess.exec("--gateway", "require", "--", "echo", "ran")).run();
  }

  private static long starts() {
    return MachineRemains.text(world.run(Path.of("starts"))).lines().count();
  }

  private static JsonObject status() {
    Finished f = world.run("$GUARD gateway status --json");
    return JsonParser.parseString(f.output()).getAsJsonObject();
  }

  @Test
  void whoConnectsHasOneStartedAndIsServed() {
    manage("0");
    Finished f = exec();
    assertThat(f.output()).as(f.errors()).isEqualTo("ran\n");
    long gateway = status().get("pid").getAsLong();
    // By the name of the process: the manager has listened there first.
    assertThat(world.proc(gateway, "comm")).isEqualTo("guard-gateway\n");
    assertThat(exec().output()).isEqualTo("ran\n");
    assertThat(starts()).isEqualTo(1);
    Finished second = world.run("$GUARD gateway run");
    assertThat(second.exit()).isEqualTo(125);
    assertThat(second.errors()).contains("a gateway of this user runs already");
    assertThat(exec().output()).isEqualTo("ran\n");
  }

  @Test
  void oneThatIsIdleEndsAndTheNextCallHasTheNextOneStarted() {
    manage("0.1");
    assertThat(exec().output()).isEqualTo("ran\n");
    Polling.until("it has ended", () -> world.run("pgrep guard-gateway").exit() == 1);
    assertThat(world.run(Path.of("guard/gateway-1"))).exists();
    assertThat(exec().output()).isEqualTo("ran\n");
    assertThat(starts()).isEqualTo(2);
  }

  /** As a unit that is restarted: one command runs, another one waits for its place. */
  @Test
  void whoIsThereWhenItIsEndedIsTheNextOnes() {
    manage("0");
    Running runs = command("runs", "sleep", "60");
    Polling.until("it runs", () -> status().get("commands").getAsInt() == 1);
    Running waits = command("waits", "echo", "ran");
    Polling.until("it waits", () -> status().get("commands").getAsInt() == 2);
    long first = status().get("pid").getAsLong();
    world.run("kill " + first);
    Polling.until("the next one has both", () -> hasTwo(first));
    assertThat(starts()).isEqualTo(2);
    world.run("pkill -f 'sleep 60'");
    Finished f = waits.await();
    assertThat(f.output()).as(f.errors()).isEqualTo("ran\n");
    assertThat(runs.await().exit()).isEqualTo(128 + 15);
  }

  /** Whoever has connected before the next one listens sees the first as its peer. */
  private static boolean hasTwo(long first) {
    JsonObject status = status();
    return status.get("pid").getAsLong() != first && status.get("commands").getAsInt() == 2;
  }

  private static Running command(String name, String... words) {
    List<String> all = new ArrayList<>(List.of("--gateway", "require", "--wait", "--name", name));
    all.add("--");
    all.addAll(List.of(words));
    return world
        .calling(GuardProcess.exec(all.toArray(String[]::new)))
        .with("GUARD_MAX_PROCESSES", "1")
        .start();
  }

  @Test
  void besideOneThatListensNoneStartsByHand() {
    manage("0.1");
    Finished f = world.run("$GUARD gateway run");
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors()).matches("guard: " + SOCKET + " is listened to by process \\d+, .*\n");
    assertThat(exec().output()).isEqualTo("ran\n");
  }

  @ParameterizedTest
  @CsvSource({
    "2, SOCK_STREAM, /run/guard/gateway-1, 'LISTEN_FDS is 2: a gateway is given one socket'",
    "1, SOCK_STREAM, /run/guard/other, 'descriptor 3, which the service manager gave, does not listen at /run/guard/gateway-1'",
    "1, SOCK_SEQPACKET, /run/guard/gateway-1, 'descriptor 3, which the service manager gave, does not listen at /run/guard/gateway-1'",
  })
  void whatIsNoSocketOfAGatewayIsRefused(String count, String type, String path, String why) {
    Finished f =
        world.run(
            "mkdir -m 700 /run/guard; exec perl -e 'use Socket; use POSIX; $^F = 9;"
                + " socket(S, AF_UNIX, "
                + type
                + ", 0); bind(S, sockaddr_un(\""
                + path
                + "\")); listen(S, 9); POSIX::dup2(fileno(S), 3);"
                + " $ENV{LISTEN_PID} = $$; $ENV{LISTEN_FDS} = "
                + count
                + "; exec @ARGV' $GUARD gateway run");
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors().lines()).singleElement().asString().contains(why);
    assertThat(world.run(Path.of("guard").resolve(Path.of(path).getFileName()))).exists();
  }

  @Test
  void variablesOfAnotherProcessSayNothing() {
    Finished f =
        world
            .calling(GuardProcess.of("gateway", "run"))
            .with("LISTEN_PID", "1")
            .with("LISTEN_FDS", "1")
            .with("GUARD_GATEWAY_IDLE_EXIT", "0.1")
            .run();
    assertThat(f.exit()).as(f.errors()).isZero();
  }

  @Test
  void whereNoManagerIsNothingIsInstalled() {
    Finished f = world.run("$GUARD gateway install");
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors())
        .isEqualTo(
            "guard: gateway install: systemd does not run here; guard exec starts a gateway by itself where it can\n");
  }
}
