package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Kills the guard of a detached command: its lifeline keeps the command's bounds from then on. */
@ExtendWith({NothingLeft.class, Detached.Removed.class})
class UnattendedIT {
  private static final String TALKS =
      "setsid sleep 301 & trap 'echo term; exit 9' TERM; n=0;"
          + " while :; do n=$((n + 1)); echo line $n; sleep 0.2; done";

  @TempDir private Path directory;

  private static Detached withoutGuard(Cgroups cgroups, String... options) {
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.addAll(List.of("--", "sh", "-c", TALKS));
    Detached d = Detached.start(cgroups::on, arguments.toArray(String[]::new));
    d.awaitLog("line 2\n");
    Detached.kill(d.guard());
    return d;
  }

  @Test
  void itLivesOnInsideItsLimitsAndItsLogGoesOn() {
    Detached d = withoutGuard(Cgroups.AS_THEY_ARE, "--pids-max", "40");
    long main = d.main();
    assertThat(d.state()).isEqualTo("unattended");
    assertThat(MachineRemains.cgroups(d.id()))
        .anySatisfy(c -> assertThat(MachineRemains.text(c.resolve("pids.max"))).isEqualTo("40\n"))
        .allSatisfy(
            c ->
                assertThat(MachineRemains.text(c.resolve("cgroup.procs")).lines())
                    .contains(Long.toString(main)));
    long lines = MachineRemains.text(d.log()).lines().count();
    Polling.until(
        "its log goes on", () -> MachineRemains.text(d.log()).lines().count() > lines + 3);
    assertThat(Store.lives(main)).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void itsTimeoutEndsIt(Cgroups cgroups) {
    Detached d = withoutGuard(cgroups, "--timeout", "4");
    assertThat(Store.lives(d.main())).as("before its time is over").isTrue();
    NothingLeft.awaitNoProcess();
    Finished wait = GuardProcess.of("wait", d.id()).run();
    assertThat(wait.exit()).isEqualTo(125);
    assertThat(wait.errors())
        .matches(
            "guard: guard \\(process \\d+\\) was killed, how the command ended is not known\n");
    d.assertGone();
    assertThat(d.state()).isEqualTo("ended");
  }

  @ParameterizedTest
  @EnumSource
  void stopEndsItsWholeTree(Cgroups cgroups) {
    Detached d = withoutGuard(cgroups);
    Finished stop = cgroups.on(GuardProcess.of("stop", d.id())).run();
    assertThat(stop.exit()).as(stop.errors()).isZero();
    d.assertGone();
    assertThat(MachineRemains.text(d.log())).as("it was asked to end").endsWith("term\n");
    NothingLeft.awaitNoProcess();
  }

  @Test
  void whatItLeavesIsEndedOrKeptAsThePolicySays() {
    for (String policy : List.of("kill", "keep")) {
      Path go = directory.resolve("go-" + policy);
      String script = "setsid sleep 301 & until [ -e \"$0\" ]; do sleep 0.2; done";
      Detached d = Detached.start("--leftovers", policy, "--", "sh", "-c", script, go.toString());
      long main = d.main();
      Detached.kill(d.guard());
      assertThat(go.toFile().mkdir()).isTrue();
      Polling.until("its main process has ended", () -> !Store.lives(main));
      if (policy.equals("kill")) {
        NothingLeft.awaitNoProcess();
        // Its server removes the record after the proof that no process is left.
        Polling.until("its server has done with it", () -> d.state().equals("ended"));
      } else {
        // Its server knows that its main process has ended, and would have ended the other one.
        Polling.until("its server has seen it", () -> d.state().equals("left"));
        assertThat(d.processes()).hasSize(1);
        Detached.guard("kill", d.id());
      }
      d.assertGone();
    }
  }

  @Test
  void itsCallersBudgetCountsItStill() {
    String budget = "unattended-" + ProcessHandle.current().pid();
    Detached d = withoutGuard(Cgroups.AS_THEY_ARE, "--budget", budget, "--max-processes", "3");
    Finished refused =
        GuardProcess.exec("--budget", budget, "--max-processes", "3", "--", "true").run();
    assertThat(refused.exit()).isEqualTo(75);
    Detached.guard("kill", d.id());
    assertThat(
            GuardProcess.exec("--budget", budget, "--max-processes", "3", "--", "true")
                .run()
                .exit())
        .isZero();
    assertThat(Files.exists(d.log())).isTrue();
  }
}
