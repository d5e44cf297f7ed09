package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.config.Setting;
import dev.guard.testing.Await;
import dev.guard.testing.Host;
import dev.guard.testing.TestCommands;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Shows the leftovers of commands, and how Guard treats them. Needs nothing but Linux. */
class LeftoversIT {
  private static final Request LEAVES_ONE = TestCommands.sh("sleep 60 & echo $!");

  private static Result run(Request request, String policy) throws Exception {
    Map<Setting, String> settings = Map.of(Setting.LEFTOVERS, policy, Setting.TIMEOUT, "20");
    try (CommandRunner guard = CommandRunner.with(TestCommands.config(settings))) {
      return guard.run(request);
    }
  }

  @Test
  void aLeftoverThatHoldsThePipeIsEndedAndBlocksNothing() throws Exception {
    Result result = run(LEAVES_ONE, "kill");
    assertThat(result.exitCode()).isZero();
    assertThat(TestCommands.pids(result)).hasSize(1);
    assertThat(Host.alive(TestCommands.pids(result))).isEmpty();
    assertThat(result.leftoversKilled()).isEqualTo(1);
  }

  @Test
  void aLeftoverThatIsKeptLivesOnAndBlocksNothing() throws Exception {
    Result result = run(LEAVES_ONE, "keep");
    int leftover = TestCommands.pids(result).get(0);
    List<Path> cgroups = Host.cgroups(List.of(result.id()));
    try {
      assertThat(result.exitCode()).isZero();
      assertThat(result.leftoversKept()).isEqualTo(1);
      assertThat(result.leftoversKilled()).isZero();
      assertThat(Host.alive(leftover)).isTrue();
      assertThat(cgroups).as("it stays inside its limits").isNotEmpty();
    } finally {
      ProcessHandle.of(leftover).ifPresent(ProcessHandle::destroyForcibly);
      Await.until("it has gone", () -> !Host.alive(leftover));
      for (Path cgroup : cgroups) {
        Await.until("the lifeline removes " + cgroup, () -> !Files.exists(cgroup));
      }
    }
    Await.until("the lifeline is waited for", () -> Host.children(true).isEmpty());
  }

  @Test
  void daemonsAreFoundWhereverTheyWent() throws Exception {
    Result result =
        run(
            TestCommands.perl(
                "use POSIX; for (1..3) { next if fork; setsid; exit if fork; chdir '/'; "
                    + "close STDERR; print \"$$\\n\"; close STDOUT; sleep 60; exit } "
                    + "select undef, undef, undef, 0.3; exit 5"),
            "kill");
    assertThat(result.exitCode()).isEqualTo(5);
    assertThat(TestCommands.pids(result)).hasSize(3);
    assertThat(Host.alive(TestCommands.pids(result))).isEmpty();
    assertThat(result.leftoversKilled()).isEqualTo(3);
  }

  @Test
  void fiveHundredCommandsLeaveNothing() throws Exception {
    try (CommandRunner guard =
        CommandRunner.with(TestCommands.config(Map.of(Setting.TIMEOUT, "20")))) {
      Request request = TestCommands.sh("sleep 60 & exit 3");
      // What the JVM itself opens once, it has open after these.
      for (int i = 0; i < 20; i++) {
        guard.run(request);
        guard.run(Request.of("/no/such/program").capturing(10));
      }
      int descriptors = Host.descriptors();
      Set<Integer> children = Host.children(false);
      Set<Integer> zombies = Host.children(true);
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        Result result =
            guard.run(i % 10 == 0 ? Request.of("/no/such/program").capturing(10) : request);
        assertThat(result.exitCode()).as("exit of command " + i).isEqualTo(i % 10 == 0 ? 127 : 3);
        ids.add(result.id());
      }
      assertThat(Host.cgroups(ids)).isEmpty();
      assertThat(Host.children(true)).as("zombies").isEqualTo(zombies);
      assertThat(Host.children(false)).isEqualTo(children);
      Await.until("descriptors as before", () -> Host.descriptors() <= descriptors);
      assertThat(Host.gates(ids)).isEmpty();
    }
  }

  @Test
  void commandsAtOnceLeaveNothing() throws Exception {
    Map<Setting, String> settings =
        Map.of(Setting.MAX_PROCESSES, "1000", Setting.TIMEOUT, "20", Setting.MESSAGES, "quiet");
    try (CommandRunner guard = CommandRunner.with(TestCommands.config(settings))) {
      int descriptors = Host.descriptors();
      Set<Integer> zombies = Host.children(true);
      List<String> ids = new ArrayList<>();
      for (int round = 0; round < 10; round++) {
        List<CommandHandle> commands = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          commands.add(guard.start(LEAVES_ONE));
        }
        for (CommandHandle command : commands) {
          assertThat(command.result().join().outcome().messages()).isEmpty();
          assertThat(command.result().join().exitCode()).isZero();
          ids.add(command.id());
        }
      }
      assertThat(Host.cgroups(ids)).isEmpty();
      assertThat(Host.children(true)).as("zombies").isEqualTo(zombies);
      // One jar or so may have been opened meanwhile; 200 commands have 1,000 descriptors.
      Await.until("descriptors as before", () -> Host.descriptors() <= descriptors + 5);
    }
  }
}
