package dev.guard.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Cgroupfs;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tells processes that have left a cgroup from those that are ending, which v1 shows in the root
 * cgroup.
 */
class CgroupMembersTest {
  private static final int RUNS = 0x400000;
  private static final int ENDS = RUNS | 4;
  private static final String INSIDE = "5:pids:/guard/cmd_1\n";
  private static final String ROOT = "5:pids:/\n";

  @TempDir private Path root;
  private CommandCgroup cgroup;

  @BeforeEach
  void cgroupWithoutProcesses() throws IOException {
    Path directory = Path.of("/pids/guard/cmd_1");
    Path made = Files.createDirectories(root.resolve("pids/guard/cmd_1"));
    Files.createFile(made.resolve("cgroup.procs"));
    cgroup = CommandCgroup.in(new Cgroupfs(root), List.of(directory));
  }

  private void task(String path, int flags, String membership) throws IOException {
    Path directory = Files.createDirectories(root.resolve("proc").resolve(path));
    String pid = directory.getFileName().toString();
    Files.writeString(
        directory.resolve("stat"),
        pid + " (a ) b) S 1 1 1 0 0 " + flags + " 0 0 0 0 0 0 0 0 0 0 1 0 9 0\n");
    Files.writeString(directory.resolve("cgroup"), membership);
  }

  private Set<Integer> strays() throws IOException {
    return cgroup.members().strays(Set.of(7), new Procfs(root.resolve("proc")));
  }

  @Test
  void aProcessInAnotherCgroupHasLeft() throws IOException {
    task("7", RUNS, ROOT);
    assertThat(strays()).containsExactly(7);
  }

  @Test
  void aProcessThatEndsHasNot() throws IOException {
    task("7", ENDS, ROOT);
    task("7/task/7", ENDS, ROOT);
    task("7/task/8", ENDS, ROOT);
    assertThat(strays()).isEmpty();
  }

  @Test
  void oneWhoseFirstThreadEndedIsWhereTheOthersAre() throws IOException {
    task("7", ENDS, ROOT);
    task("7/task/7", ENDS, ROOT);
    task("7/task/8", RUNS, INSIDE);
    task("8", RUNS, INSIDE);
    assertThat(strays()).isEmpty();
    Files.writeString(root.resolve("proc/8/cgroup"), ROOT);
    assertThat(strays()).containsExactly(7);
  }

  /** A stray may be nobody's child any more, so that no walk through the tree leads to it. */
  @Test
  void whoIsInOneHierarchyAndNotInTheOtherHasLeft() throws IOException {
    Path unified = Files.createDirectories(root.resolve("unified/guard/cmd_1"));
    Files.writeString(root.resolve("pids/guard/cmd_1/cgroup.procs"), "8\n9\n");
    Files.writeString(unified.resolve("cgroup.procs"), "0\n9\n");
    CommandCgroup both =
        CommandCgroup.in(
            new Cgroupfs(root),
            List.of(Path.of("/pids/guard/cmd_1"), Path.of("/unified/guard/cmd_1")));
    task("8", RUNS, INSIDE + "0::/\n");
    task("9", RUNS, INSIDE + "0::/guard/cmd_1\n");
    assertThat(both.members().strays(Set.of(), new Procfs(root.resolve("proc"))))
        .containsExactly(8);
  }

  @Test
  void oneThatHasGoneHasNot() throws IOException {
    assertThat(strays()).isEmpty();
  }
}
