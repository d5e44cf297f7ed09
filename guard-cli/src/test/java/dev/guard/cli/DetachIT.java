package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Shows how {@code guard exec --detach} treats its caller and the command. */
@ExtendWith({NothingLeft.class, Detached.Removed.class})
class DetachIT {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final String ODD = " \t\u00ff\u00c3(\u00e9'\"\\$`*?\n\u0001\u007f end";
  private static final String WARNING =
      "guard: detached without a scope of its own \\(.+\\): the command will die with the service"
          + " or container that started it\n";

  @TempDir private Path directory;
  private final String budget =
      "detach-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();

  private GuardProcess full(GuardProcess call) {
    return call.with("GUARD_BUDGET", budget).with("GUARD_MAX_PROCESSES", "1");
  }

  @ParameterizedTest
  @EnumSource
  void theIdIsToldWhenTheCommandRuns(Cgroups cgroups) {
    Detached d = Detached.start(cgroups::on, "--", "sleep", "300");
    assertThat(MachineRemains.text(Path.of("/proc/" + d.main() + "/cmdline")))
        .isEqualTo("sleep\u0000300\u0000");
    assertThat(MachineRemains.processesWith("GUARD_ID=" + d.id())).containsExactly(d.main());
    if (cgroups == Cgroups.NONE || !Files.isDirectory(Path.of("/run/systemd/system"))) {
      assertThat(d.call().errors()).matches(WARNING);
    } else {
      assertThat(d.call().errors()).isEmpty();
    }
  }

  @Test
  void aShellThatReadsTheIdDoesNotWaitForTheCommand() {
    Detached d =
        Detached.of(
            GuardProcess.script(
                    "id=$(\"$GUARD\" exec --detach -- sh -c 'sleep 300 & sleep 300' 2>&1 | tail -n 1)"
                        + " && echo \"$id\"")
                .run());
    assertThat(d.state()).isEqualTo("running");
  }

  @Test
  void standardOutputThatIsClosedIsNoTrouble() {
    Finished f =
        GuardProcess.script(
                "\"$GUARD\" exec --detach --name closed-" + budget + " -- sleep 300 >&- 2>&-")
            .run();
    String id = Detached.guard("kill", "closed-" + budget).exit() + f.errors();
    assertThat(id).as("its name leads to it").isEqualTo("0");
  }

  @Test
  void theCommandLivesOnWhenItsCallersGroupIsKilled() {
    Running caller =
        GuardProcess.script(
                "setsid sh -c 'echo $$ >group; \"$GUARD\" exec --detach -- sleep 300 >new;"
                    + " mv new id; exec sleep 300'; exit 0")
            .in(directory)
            .start();
    Polling.until("there is an id", () -> Files.exists(directory.resolve("id")));
    assertThat(Signal.send("KILL", "-" + MachineRemains.text(directory.resolve("group")).strip()))
        .isTrue();
    caller.await();
    Detached d =
        Detached.of(
            new Finished(
                0,
                MachineRemains.text(directory.resolve("id")).getBytes(StandardCharsets.UTF_8),
                new byte[0]));
    assertThat(Store.lives(d.guard())).isTrue();
    assertThat(d.state()).isEqualTo("running");
  }

  @Test
  void itMayWaitForAPlace() {
    Detached first = Detached.start(this::full, "--", "sleep", "300");
    Running second = full(GuardProcess.exec("--detach", "--wait", "--", "sleep", "300")).start();
    Path places = Store.DIRECTORY.resolve("budgets/" + budget + ".state");
    Polling.until("it waits", () -> MachineRemains.text(places).contains("\nwait "));
    Detached.guard("kill", first.id());
    assertThat(Detached.of(second.await()).state()).isEqualTo("running");
  }

  @ParameterizedTest
  @EnumSource
  void everyByteReachesTheCommand(Cgroups cgroups) {
    String words =
        Stream.of("", ODD, "\u00ff", "--", "\n")
            .map(GuardProcess::quoted)
            .reduce("", (a, b) -> a + " " + b);
    String command =
        " -- sh -c 'printf \"%s\\0\" \"$@\"; pwd -P; umask; ulimit -n; env -0 | sort -z' sh "
            + words;
    Finished f =
        cgroups
            .on(
                GuardProcess.script(
                    "export A="
                        + GuardProcess.quoted(ODD)
                        + "; umask 0137; mkdir -m 700 at; cd at; \"$GUARD\" exec"
                        + command
                        + "; printf ==; id=$(\"$GUARD\" exec --detach"
                        + command
                        + "); \"$GUARD\" wait $id; \"$GUARD\" logs $id; \"$GUARD\" rm $id"))
            .in(directory)
            .run();
    List<String> both = List.of(f.output().replaceAll("GUARD_ID=\\w{16}", "ID").split("==", -1));
    assertThat(both).hasSize(2);
    assertThat(both.get(0)).contains(ODD, "A=" + ODD + "\0", "\0ID\0");
    assertThat(both.get(1)).isEqualTo(both.get(0));
  }

  @Test
  void whatIsLeftIsEndedOrKeptAsThePolicySays() {
    String leaves = "setsid sleep 301 & echo left; exit 4";
    for (String policy : List.of("kill", "with-parent")) {
      Detached d = Detached.start("--leftovers", policy, "--", "sh", "-c", leaves);
      assertThat(GuardProcess.of("wait", d.id()).run().exit()).as(policy).isEqualTo(4);
      d.assertGone();
    }
    Detached d = Detached.start("--leftovers", "keep", "--", "sh", "-c", leaves);
    Polling.until("its guard has ended", () -> !Store.lives(d.guard()));
    assertThat(MachineRemains.processesWith("GUARD_ID=" + d.id())).hasSize(1);
    assertThat(d.state()).isEqualTo("left");
    Detached.guard("stop", d.id());
    d.assertGone();
  }
}
