package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Ends a command that froze a child of its own: not even SIGKILL ends a process that is frozen in a
 * v1 cgroup. On a host without the v1 freezer it freezes a v2 cgroup. Needs root.
 */
@ExtendWith(NothingLeft.class)
class FrozenIT {
  private static final String FREEZES =
      "echo $$ >$place/cgroup.procs; sleep 300 & echo 0 >$out/cgroup.procs;"
          + " if [ -e $place/freezer.state ]; then echo FROZEN >$place/freezer.state;"
          + " else echo 1 >$place/cgroup.freeze; fi; echo frozen; exec sleep 300";

  @Test
  void aChildInAFrozenCgroupElsewhereIsThawedAndEnded() throws IOException {
    Path freezer = Path.of("/sys/fs/cgroup/freezer");
    Path out = Files.isDirectory(freezer) ? freezer : Path.of("/sys/fs/cgroup");
    Path place = Files.createDirectory(out.resolve("it" + System.nanoTime()));
    try {
      Finished f =
          GuardProcess.exec("--timeout", "0.5", "--kill-after", "0.2", "--", "sh", "-c", FREEZES)
              .with("place", place.toString())
              .with("out", out.toString())
              .run();
      assertThat(f.lines()).containsExactly("frozen");
      assertThat(f.exit()).as(f.errors()).isEqualTo(124);
      assertThat(place.resolve("cgroup.procs")).isEmptyFile();
    } finally {
      Files.delete(place);
    }
  }

  @Test
  void itIsThawedAndEndedByTheLifelineToo() throws IOException {
    Path freezer = Path.of("/sys/fs/cgroup/freezer");
    Path out = Files.isDirectory(freezer) ? freezer : Path.of("/sys/fs/cgroup");
    Path place = Files.createDirectory(out.resolve("it" + System.nanoTime()));
    try {
      Running guard =
          GuardProcess.exec("--", "sh", "-c", FREEZES)
              .with("place", place.toString())
              .with("out", out.toString())
              .start();
      Polling.until("it is frozen", () -> MachineRemains.text(guard.output()).contains("frozen"));
      guard.signal("KILL");
      guard.await();
      Polling.until("it is ended", () -> MachineRemains.isEmpty(place));
    } finally {
      Files.delete(place);
    }
  }
}
