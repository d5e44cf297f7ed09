package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.Cause;
import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.config.Setting;
import dev.guard.testing.Host;
import dev.guard.testing.TestCommands;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Shows how the kernel's limits look from inside a command. Needs a pids controller that this user
 * may use: root on a v1, hybrid or v2 host.
 */
class ContainmentIT {
  private static final String OWN_CGROUP =
      "p=$(sed -n 's/^[0-9]*:pids://p' /proc/self/cgroup); d=/sys/fs/cgroup/pids; "
          + "[ -n \"$p\" ] || { p=$(sed -n 's/^0:://p' /proc/self/cgroup); d=/sys/fs/cgroup; }; "
          + "d=$d${p%/main}; ";
  // Forks until it can not, says why, and lets its children go.
  private static final String FORK_TILL_REFUSED =
      "$| = 1; for (1..100) { $pid = fork; if (!defined $pid) { print \"$!\\n$_\\n\"; exit 1 } "
          + "if (!$pid) { sleep 60; exit } }";

  private static Result run(Request request, Map<Setting, String> settings) throws Exception {
    Map<Setting, String> all = new HashMap<>(settings);
    all.put(Setting.REQUIRE, "pids");
    all.putIfAbsent(Setting.TIMEOUT, "20");
    try (CommandRunner guard = CommandRunner.with(TestCommands.config(all))) {
      return guard.run(request);
    }
  }

  private static Layer pids(Result result) {
    return result.layers().stream()
        .filter(l -> l.name() == LayerName.PIDS)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatACommandForksFirstIsInItsCgroup() throws Exception {
    // The first thing that the program does is to fork.
    Result result =
        run(
            TestCommands.perl(
                "fork; fork; open F, '/proc/self/cgroup' or die; print grep /pids|^0:/, <F>; wait; wait"),
            Map.of());
    List<String> lines = TestCommands.lines(result);
    assertThat(lines).hasSizeGreaterThanOrEqualTo(4);
    assertThat(lines.size() % 4).as("four processes say the same").isZero();
    assertThat(lines)
        .filteredOn(l -> !l.startsWith("0::") || l.contains("cmd_"))
        .isNotEmpty()
        .allMatch(l -> (l + "/").contains("/guard/cmd_" + result.id() + "/"));
  }

  @Test
  void theLimitOfTheReceiptIsTheOneInTheKernel() throws Exception {
    Result result =
        run(TestCommands.sh(OWN_CGROUP + "cat $d/pids.max"), Map.of(Setting.PIDS_MAX, "17"));
    assertThat(result.output().text()).isEqualTo("17\n");
    assertThat(pids(result).state()).isEqualTo(Layer.State.ACTIVE);
    assertThat(pids(result).limit()).isEqualTo("17");
  }

  @Test
  void theKernelRefusesForksBeyondTheLimit() throws Exception {
    Result result = run(TestCommands.perl(FORK_TILL_REFUSED), Map.of(Setting.PIDS_MAX, "8"));
    assertThat(result.output().text()).isEqualTo("Resource temporarily unavailable\n8\n");
    assertThat(result.usage().forksRefused().orElse(0)).isPositive();
    assertThat(result.usage().peakPids().orElse(8)).isEqualTo(8);
    assertThat(result.outcome().cause()).isEqualTo(Cause.PIDS);
    assertThat(result.leftoversKilled()).isEqualTo(7);
  }

  @Test
  void aRequiredLayerThatIsNotThereRunsNothing() throws Exception {
    Result result =
        run(TestCommands.sh("echo ran"), Map.of(Setting.PIDS_MAX, "0", Setting.TIMEOUT, "5"));
    assertThat(result.outcome().cause()).isEqualTo(Cause.REFUSED_CONTAINMENT);
    assertThat(result.exitCode()).isEqualTo(125);
    assertThat(result.output().text()).isEmpty();
    assertThat(Host.cgroups(List.of(result.id()))).isEmpty();
  }

  @Test
  void aTimeoutEndsGrandchildrenThatHoldThePipe() throws Exception {
    Result result =
        run(
            TestCommands.sh(
                "echo $$; setsid sh -c 'echo $$; sleep 60' & "
                    + "sh -c '(trap \"\" TERM HUP; sleep 60 & echo $!; wait) & echo $!' & sleep 60"),
            Map.of(Setting.TIMEOUT, "1", Setting.KILL_AFTER, "0.2"));
    assertThat(result.exitCode()).isEqualTo(124);
    assertThat(result.outcome().cause()).isEqualTo(Cause.TIMEOUT);
    assertThat(TestCommands.pids(result)).hasSize(4);
    assertThat(Host.alive(TestCommands.pids(result))).isEmpty();
    assertThat(result.survivors()).isEmpty();
  }

  @Test
  void nestedCgroupsWithDyingProcessesAreRemoved() throws Exception {
    String nest =
        OWN_CGROUP
            + "mkdir -p $d/a/b $d/c; sleep 60 & echo $! >$d/a/b/cgroup.procs; echo $!; "
            + "sh -c 'echo 0 >$0/c/cgroup.procs; echo $$; sleep 60 & echo $!; kill -KILL $$' $d & wait $!; "
            + "ls -d $d/a/b $d/c >&2";
    for (int round = 0; round < 10; round++) {
      Result result = run(TestCommands.sh(nest), Map.of());
      assertThat(result.error().text().lines().filter(l -> l.contains("/cmd_")))
          .as("nested cgroups were made")
          .hasSize(2);
      assertThat(TestCommands.pids(result)).hasSize(3);
      assertThat(result.exitCode()).isZero();
      assertThat(result.leftoversKilled()).isEqualTo(2);
      assertThat(Host.alive(TestCommands.pids(result))).isEmpty();
      assertThat(Host.cgroups(List.of(result.id()))).isEmpty();
    }
  }

  @Test
  void aCommandThatMakesAndRemovesCgroupsAllTheTimeIsEnded() throws Exception {
    String churn =
        OWN_CGROUP
            + "trap '' TERM; exec perl -e '$d = shift; while (1) { mkdir \"$d/$_\" for 1..9; rmdir \"$d/$_\" for 1..9 }' $d";
    for (int round = 0; round < 40; round++) {
      Result result =
          run(TestCommands.sh(churn), Map.of(Setting.TIMEOUT, "0.1", Setting.KILL_AFTER, "0.05"));
      assertThat(result.outcome().messages())
          .as("nothing but its timeout")
          .containsExactly("ended at its timeout of 0.1 s (--timeout; raise it there)");
      assertThat(result.outcome().cause()).isEqualTo(Cause.TIMEOUT);
      assertThat(Host.cgroups(List.of(result.id()))).isEmpty();
    }
  }
}
