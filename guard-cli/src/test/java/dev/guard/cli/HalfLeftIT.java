package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Shows processes that are in one of the command's cgroups and not in the other, where it has two:
 * v1 hierarchies with a v2 tree beside them. On other hosts they leave nothing. Needs root.
 */
@ExtendWith({NothingLeft.class, Detached.Removed.class, ReapLock.class})
class HalfLeftIT {
  private static final String LEAVES =
      "leave() { [ ! -w /sys/fs/cgroup/$1 ] || echo 0 >/sys/fs/cgroup/$1/cgroup.procs; }; ";

  @TempDir private Path directory;

  /** Guard looks for strays no more then. */
  @ParameterizedTest
  @ValueSource(strings = {"unified", "pids"})
  void whoLeavesWhenItIsAskedToEndIsKilledAtTheEndOfTheGrace(String half) {
    String script =
        LEAVES
            + "trap 'leave "
            + half
            + "; echo left' TERM; echo ready; while :; do sleep 0.05; done";
    Finished f =
        GuardProcess.exec("--timeout", "0.5", "--kill-after", "1", "--", "sh", "-c", script).run();
    assertThat(f.lines()).contains("left");
    assertThat(f.exit()).as(f.errors()).isEqualTo(124);
  }

  @ParameterizedTest
  @CsvSource({"unified, kill", "unified, stop --grace=0.1", "pids, rm -f", "unified, reap"})
  void whoHasLeftIsEndedWhenGuardAndLifelineWereKilled(String half, String words)
      throws IOException {
    String leaver =
        LEAVES
            + "trap \"\" TERM; until [ -e go ]; do sleep 0.02; done; leave "
            + half
            + "; : >left; sleep 301; sleep 302";
    Detached d =
        Detached.start(
            call -> call.in(directory),
            "--",
            "sh",
            "-c",
            "setsid sh -c '" + leaver + "' & exec sleep 300");
    Polling.until("both run", () -> d.processes().size() >= 2);
    Detached.kill(d.guard(), d.lifeline());
    // Not before: a guard that lives brings it back.
    Files.createFile(directory.resolve("go"));
    Polling.until("it has left", () -> Files.exists(directory.resolve("left")));
    String call = words.equals("reap") ? words : words + " " + d.id();
    Finished f = GuardProcess.of(call.split(" ", -1)).run();
    assertThat(f.exit()).as(f.errors()).isZero();
    d.assertGone();
  }
}
