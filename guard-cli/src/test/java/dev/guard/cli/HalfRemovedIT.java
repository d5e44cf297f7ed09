package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls {@code guard stop} and {@code guard rm -f} where a part of the command is gone already. */
@ExtendWith({NothingLeft.class, Detached.Removed.class})
class HalfRemovedIT {
  private static final String TREE =
      "setsid sleep 301 & setsid env -i sleep 302 & echo ready; exec sleep 300";

  private static Detached ready() {
    Detached d = Detached.start("--", "sh", "-c", TREE);
    d.awaitLog("ready\n");
    return d;
  }

  private static void end(String word, String id) {
    Detached.guard(
        word.equals("rm")
            ? List.of("rm", "-f", id).toArray(String[]::new)
            : new String[] {word, id});
  }

  @ParameterizedTest
  @ValueSource(strings = {"stop", "kill", "rm"})
  void theRecordIsThereAndTheTreeGone(String word) {
    Detached d = ready();
    Detached.kill(d.guard(), d.lifeline());
    long[] left = d.processes().stream().mapToLong(Long::longValue).toArray();
    MachineRemains.cgroups(d.id())
        .forEach(
            c ->
                MachineRemains.text(c.resolve("cgroup.procs"))
                    .lines()
                    .forEach(pid -> Signal.send("KILL", pid)));
    Polling.until(
        "all have gone",
        () -> MachineRemains.cgroups(d.id()).stream().allMatch(MachineRemains::isEmpty));
    assertThat(left).isNotEmpty();
    assertThat(Store.recordFile(d.id())).isPresent();
    end(word, d.id());
    d.assertGone();
  }

  @ParameterizedTest
  @ValueSource(strings = {"stop", "kill", "rm"})
  void theCgroupIsGoneAndTheProcessesAreInAnother(String word) throws IOException {
    Detached d = ready();
    Detached.kill(d.guard(), d.lifeline());
    for (Path cgroup : MachineRemains.cgroups(d.id())) {
      for (String pid : MachineRemains.text(cgroup.resolve("cgroup.procs")).lines().toList()) {
        Files.writeString(cgroup.getParent().resolveSibling("cgroup.procs"), pid);
      }
      // With the marks for other guards in it.
      try (DirectoryStream<Path> below = Files.newDirectoryStream(cgroup, Files::isDirectory)) {
        for (Path mark : below) {
          Files.delete(mark);
        }
      }
      Files.delete(cgroup);
    }
    assertThat(MachineRemains.cgroups(d.id())).isEmpty();
    // The one without its mark leads to nobody, now that its parent, its group and cgroup differ.
    List<Long> unmarked =
        ProcessHandle.current()
            .descendants()
            .filter(
                p ->
                    p.info().arguments().filter(a -> List.of(a).equals(List.of("302"))).isPresent())
            .map(ProcessHandle::pid)
            .toList();
    end(word, d.id());
    d.assertGone();
    unmarked.forEach(pid -> Signal.send("KILL", pid.toString()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"stop", "kill", "rm"})
  void theRecordIsGoneAndTheTreeLives(String word) throws IOException {
    Detached d = ready();
    long guard = d.guard();
    Files.delete(Store.recordFile(d.id()).orElseThrow());
    Polling.until("both processes have the mark, and no third", () -> d.processes().size() == 2);
    end(word, d.id());
    Polling.until("its guard has noticed", () -> !Store.lives(guard));
    d.assertGone();
    NothingLeft.awaitNoProcess();
  }

  @ParameterizedTest
  @ValueSource(strings = {"stop", "kill", "rm"})
  void theRecordAndTheGuardAreGoneAndTheTreeLives(String word) throws IOException {
    Detached d = ready();
    Path file = Store.recordFile(d.id()).orElseThrow();
    Detached.kill(d.guard(), d.lifeline());
    Files.delete(file);
    end(word, d.id());
    d.assertGone();
    NothingLeft.awaitNoProcess();
  }

  @Test
  void rmForgetsOneThatHasEndedAndRefusesOneThatLives() {
    Detached d = ready();
    Finished refused = GuardProcess.of("rm", d.id()).run();
    assertThat(refused.exit()).isEqualTo(125);
    assertThat(refused.errors())
        .isEqualTo("guard: command " + d.id() + " lives; stop it first, or use rm -f\n");
    assertThat(d.state()).isEqualTo("running");
    Detached.guard("stop", d.id());
    assertThat(d.state()).isEqualTo("ended");
    assertThat(d.hasLog()).isTrue();
    Detached.guard("rm", d.id());
    assertThat(d.state()).isEqualTo("unknown");
    assertThat(d.hasLog()).isFalse();
    Detached.guard("rm", "-f", d.id());
    Detached.guard("rm", "-f", "no-such-name", "0123456789abcdef");
  }
}
