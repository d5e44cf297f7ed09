package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Has a program that has children become guard by exec(2), as the entry point of a container does:
 * they are not the command's.
 */
@ExtendWith(NothingLeft.class)
class ExecOverChildrenIT {
  // The first one goes on, the second one makes an orphan when the command runs.
  private static final String CHILDREN =
      "sleep 300 & echo $! >lives;"
          + " (until [ -e ran ]; do sleep 0.02; done; setsid sleep 301 & echo $! >orphan) &"
          + " exec \"$GUARD\" exec --report report \"$@\"";
  // Goes on after the guard has looked at the tree, four times a second.
  private static final String COMMAND =
      "setsid sh -c 'echo $$ >ours; exec sleep 302' & echo >ran; sleep 1; cat /proc/$(cat lives)/cgroup";

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void areNeitherMovedNorEnded(Cgroups cgroups) throws IOException {
    assertSpared(cgroups, 0, "--", "sh", "-c", COMMAND);
  }

  @Test
  void areNotEndedAtItsDeadline() throws IOException {
    assertSpared(
        Cgroups.AS_THEY_ARE, 124, "--timeout=1.2", "--", "sh", "-c", COMMAND + "; sleep 303");
  }

  private void assertSpared(Cgroups cgroups, int exit, String... words) throws IOException {
    Finished f = cgroups.on(GuardProcess.script(CHILDREN, words)).in(directory).run();
    try {
      assertThat(f.exit()).as(f.errors()).isEqualTo(exit);
      assertThat(f.output()).doesNotContain("cmd_");
      assertThat(alive("lives")).as("was there before").isTrue();
      assertThat(alive("orphan")).as("was started by one of those").isTrue();
      assertThat(alive("ours")).as("was the command's").isFalse();
      assertThat(Files.readString(directory.resolve("report"))).contains("\"strays\":[]");
    } finally {
      Signal.send("KILL", pid("lives"));
      Signal.send("KILL", pid("orphan"));
    }
  }

  private boolean alive(String file) throws IOException {
    return !MachineRemains.text(Path.of("/proc", pid(file), "cmdline")).isEmpty();
  }

  private String pid(String file) throws IOException {
    return Files.readString(directory.resolve(file)).strip();
  }
}
