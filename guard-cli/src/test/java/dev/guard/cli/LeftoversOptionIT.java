package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Shows that processes that outlive the main process are ended or kept, as the policy says. */
@ExtendWith(NothingLeft.class)
class LeftoversOptionIT {
  private static final String LEAVES_TWO =
      "sleep 301 >/dev/null & setsid sh -c 'setsid sleep 302 & :' >/dev/null & wait $!; exit 4";

  @ParameterizedTest
  @EnumSource
  void killIsTheDefault(Cgroups cgroups) {
    Reported r = Reported.exec(cgroups::on, "--", "sh", "-c", LEAVES_TWO);
    assertThat(r.finished().exit()).isEqualTo(4);
    assertThat(r.cause()).isEqualTo("exited");
    assertThat(r.report().get("leftovers_killed").getAsInt()).isEqualTo(2);
    assertThat(r.report().get("leftovers_kept").getAsInt()).isZero();
    assertThat(MachineRemains.processesWith("GUARD_ID=" + r.id())).isEmpty();
    assertThat(MachineRemains.cgroups(r.id())).isEmpty();
  }

  @Test
  void aLeftoverThatHoldsThePipesDoesNotHoldGuard() {
    Finished f =
        GuardProcess.script(
                "\"$GUARD\" exec -- sh -c 'sleep 303 & echo out; echo err >&2' 2>&1 | cat")
            .with("GUARD_MESSAGES", "quiet")
            .run();
    assertThat(f.lines()).containsExactlyInAnyOrder("out", "err");
  }

  @Test
  void keepLeavesThemInsideTheirLimits() {
    Reported r =
        Reported.exec("--leftovers", "keep", "--pids-max", "30", "--", "sh", "-c", LEAVES_TWO);
    assertThat(r.finished().exit()).isEqualTo(4);
    assertThat(r.report().get("leftovers_kept").getAsInt()).isEqualTo(2);
    List<Long> left = MachineRemains.processesWith("GUARD_ID=" + r.id());
    assertThat(left).hasSize(2);
    assertThat(MachineRemains.cgroups(r.id()))
        .isNotEmpty()
        .allSatisfy(c -> assertThat(MachineRemains.isEmpty(c)).isFalse())
        .anySatisfy(c -> assertThat(MachineRemains.text(c.resolve("pids.max"))).isEqualTo("30\n"));
    assertThat(Signal.send("KILL", left.stream().map(String::valueOf).toArray(String[]::new)))
        .isTrue();
    // Nobody is left who would remove them, as the policy says.
    NothingLeft.awaitNoProcess();
    MachineRemains.cgroups(r.id()).forEach(c -> assertThat(c.toFile().delete()).isTrue());
  }

  @ParameterizedTest
  @EnumSource
  void withParentTheyEndWhenTheCallerHasEnded(Cgroups cgroups) {
    GuardProcess script =
        GuardProcess.script(
            "\"$GUARD\" exec --leftovers with-parent -- sh -c \"$1\"; echo $?; exec sleep 60",
            LEAVES_TWO + " # by its parent");
    Running caller = cgroups.on(script).start();
    Polling.until("guard has ended", () -> MachineRemains.text(caller.output()).equals("4\n"));
    List<ProcessHandle> left =
        ProcessHandle.current()
            .descendants()
            .filter(p -> p.info().arguments().filter(LeftoversOptionIT::isLeftover).isPresent())
            .toList();
    assertThat(left).as("both live as long as the caller").hasSize(2);
    assertThat(left).allMatch(ProcessHandle::isAlive);
    caller.signal("TERM");
    assertThat(caller.await().exit()).isEqualTo(143);
    NothingLeft.awaitNoProcess();
  }

  private static boolean isLeftover(String[] arguments) {
    return List.of(List.of("301"), List.of("302")).contains(List.of(arguments));
  }
}
