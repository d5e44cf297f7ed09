package dev.guard.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.os.Cgroupfs;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows which looks prove that nothing is left of a tree. */
class TreeTest {
  @TempDir private Path root;

  private Tree tree(String processes) throws IOException {
    Path cgroup = Files.createDirectories(root.resolve("guard/cmd_1"));
    Files.writeString(cgroup.resolve("cgroup.procs"), processes);
    Files.createDirectories(root.resolve("proc/1"));
    return new Tree(
        new Procfs(root.resolve("proc")),
        CommandCgroup.in(new Cgroupfs(root), List.of(Path.of("/guard/cmd_1"))),
        new ProcessId(10, 50),
        "none",
        Optional.empty());
  }

  @Test
  void anEmptyListDoes() throws IOException {
    assertThat(tree("").isEmpty()).isTrue();
  }

  @Test
  void oneThatWasListedAndHasGoneMeanwhileDoesNot() throws IOException {
    // The next of a chain of processes that each fork one and end may be there by now.
    assertThat(tree("300\n").isEmpty()).isFalse();
  }

  @Test
  void processesOutsideOfOurNamespaceAreNotOurs() throws IOException {
    assertThat(tree("0\n").isEmpty()).isTrue();
  }
}
