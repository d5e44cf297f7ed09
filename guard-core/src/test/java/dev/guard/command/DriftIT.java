package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.guard.config.Setting;
import dev.guard.os.Procfs;
import dev.guard.testing.Host;
import dev.guard.testing.TestCommands;
import dev.guard.value.Result;
import dev.guard.value.Result.Stray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Has a process write itself into another cgroup while its command runs. Needs root on a v1, hybrid
 * or v2 host.
 */
class DriftIT {
  // $1: the other cgroup, $2: how its line begins. Says the number of the process that left, and 0
  // when it is back, or its status when it has ended.
  private static final String LEAVE =
      "sleep 60 & echo $!; echo $! >$1/cgroup.procs || exit 9; "
          + "while kill -0 $! 2>/dev/null; do "
          + "! grep -qE \"^$2.*/guard/cmd_\" /proc/$!/cgroup || { echo 0; exit; }; sleep 0.02; done; "
          + "wait $!; echo $?";

  private Path elsewhere;

  @BeforeEach
  void anotherCgroup() throws IOException {
    String membership =
        Procfs.system().text((int) ProcessHandle.current().pid(), "cgroup").orElseThrow();
    Path base = Path.of("/sys/fs/cgroup");
    for (String line : membership.lines().toList()) {
      String[] fields = line.split(":", 3);
      if (fields[1].equals("pids") || (fields[0].equals("0") && membership.lines().count() == 1)) {
        elsewhere = base.resolve(fields[1]).resolve(fields[2].substring(1));
      }
    }
    elsewhere =
        Files.createDirectory(
            elsewhere.resolve("guard-it-elsewhere-" + ProcessHandle.current().pid()));
  }

  @AfterEach
  void goes() throws IOException {
    Files.delete(elsewhere);
  }

  private Result leave(String policy) throws Exception {
    Map<Setting, String> settings =
        Map.of(Setting.DRIFT, policy, Setting.REQUIRE, "pids", Setting.TIMEOUT, "20");
    try (CommandRunner guard = CommandRunner.with(TestCommands.config(settings))) {
      String line = elsewhere.startsWith("/sys/fs/cgroup/pids") ? "[0-9]+:pids:" : "0::";
      return guard.run(TestCommands.sh(LEAVE, elsewhere.toString(), line));
    }
  }

  @Test
  void isNoticedAndMovedBack() throws Exception {
    Result result = leave("return");
    assertThat(result.exitCode()).as(result.error().text()).isZero();
    int pid = TestCommands.pids(result).get(0);
    assertThat(result.strays())
        .singleElement()
        .satisfies(
            s -> {
              assertThat(s.pid()).isEqualTo(pid);
              assertThat(s.command()).isEqualTo("sleep");
              assertThat(s.cgroup()).contains(elsewhere.getFileName().toString());
              assertThat(s.action()).isEqualTo(Stray.Action.RETURNED);
            });
    assertThat(TestCommands.pids(result)).as("it was back").hasSize(2).endsWith(0);
  }

  @Test
  void isNoticedAndKilledWhereThePolicySaysSo() throws Exception {
    Result result = leave("kill");
    List<Integer> said = TestCommands.pids(result);
    assertThat(result.strays())
        .extracting(Stray::pid, Stray::action)
        .containsExactly(tuple(said.get(0), Stray.Action.KILLED));
    assertThat(said).as("it ended by KILL").endsWith(128 + 9);
    assertThat(result.outcome().messages())
        .containsExactly("process " + said.get(0) + " (sleep) had left the cgroup and was killed");
    assertThat(Host.alive(said)).isEmpty();
  }

  @Test
  void whoeverStaysIsLeftAlone() throws Exception {
    try (CommandRunner guard =
        CommandRunner.with(TestCommands.config(Map.of(Setting.TIMEOUT, "20")))) {
      Result result =
          guard.run(TestCommands.sh("(sleep 1 & setsid sleep 1 & sh -c 'sleep 1; true'; wait)"));
      assertThat(result.exitCode()).isZero();
      assertThat(result.strays()).isEmpty();
    }
  }

  @Test
  void whoEndsWithManyThreadsHasNotLeft() throws Exception {
    // Its first thread ends before the others, and shows as in the root of a v1 hierarchy.
    String java = System.getProperty("java.home") + "/bin/java";
    String script =
        "for i in $(seq 40); do \"$1\" -Xms300m -XX:+AlwaysPreTouch -version 2>/dev/null || exit; done";
    try (CommandRunner guard =
        CommandRunner.with(TestCommands.config(Map.of(Setting.REQUIRE, "pids")))) {
      Result result = guard.run(TestCommands.sh(script, java));
      assertThat(result.exitCode()).as(result.error().text()).isZero();
      assertThat(result.strays()).isEmpty();
    }
  }
}
