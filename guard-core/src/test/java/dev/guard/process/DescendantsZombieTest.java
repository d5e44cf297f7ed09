package dev.guard.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tells which processes are live on a proc file system made of files: 100 is the root, the others
 * are below it.
 */
class DescendantsZombieTest {
  private static final int ROOT = 100;

  @TempDir private Path proc;
  private Descendants byChildren;
  private Descendants byParents;

  @BeforeEach
  void makeRoot() throws IOException {
    byChildren = new ChildrenFiles(new Procfs(proc));
    byParents = new ParentScan(new Procfs(proc));
    process(ROOT, 1, 'S', 1);
    children(ROOT, ROOT, "101 102 103");
    process(101, ROOT, 'S', 1);
    children(101, 101, "");
    process(102, ROOT, 'S', 1);
    children(102, 102, "");
    process(103, ROOT, 'S', 1);
    children(103, 103, "");
  }

  @Test
  void aZombieIsNotLive() throws IOException {
    process(102, ROOT, 'Z', 1);

    assertThat(byChildren.of(ROOT)).containsExactlyInAnyOrder(101, 103);
    assertThat(byParents.of(ROOT)).containsExactlyInAnyOrder(101, 103);
  }

  @Test
  void aProcessWhoseFirstThreadEndedBeforeTheOthersIsLive() throws IOException {
    process(102, ROOT, 'Z', 2);
    children(102, 105, "");

    assertThat(byChildren.of(ROOT)).containsExactlyInAnyOrder(101, 102, 103);
    assertThat(byParents.of(ROOT)).containsExactlyInAnyOrder(101, 102, 103);
  }

  @Test
  void childrenOfEveryThreadAreFoundAlsoWhenTheFirstHasEnded() throws IOException {
    process(102, ROOT, 'Z', 3);
    children(102, 105, "110 ");
    children(102, 106, "111 ");
    process(110, 102, 'R', 1);
    process(111, 102, 'D', 1);

    assertThat(byChildren.of(ROOT)).containsExactlyInAnyOrder(101, 102, 103, 110, 111);
    assertThat(byParents.of(ROOT)).containsExactlyInAnyOrder(101, 102, 103, 110, 111);
  }

  @Test
  void manyChildrenOfOneThreadAreAllFound() throws IOException {
    StringBuilder pids = new StringBuilder();
    for (int pid = 100_000; pid < 101_000; pid++) {
      process(pid, 101, 'S', 1);
      pids.append(pid).append(' ');
    }
    children(101, 101, pids.toString());

    assertThat(byChildren.of(ROOT)).hasSize(1003);
    assertThat(byParents.of(ROOT)).hasSize(1003);
  }

  @Test
  void aProcessThatIsListedAndHasGoneIsNotLive() throws IOException {
    children(ROOT, ROOT, "101 102 103 104");

    assertThat(byChildren.of(ROOT)).containsExactlyInAnyOrder(101, 102, 103);
  }

  private void process(int pid, int parent, char state, int threads) throws IOException {
    Path directory = Files.createDirectories(proc.resolve(Integer.toString(pid)));
    // See proc(5): the fields from the group to the nice value are of no interest here.
    String others = "0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0";
    Files.writeString(
        directory.resolve("stat"),
        pid + " (a) Z (b) " + state + " " + parent + " " + others + " " + threads + " 0 4711 0\n");
  }

  private void children(int pid, int thread, String pids) throws IOException {
    Path task = proc.resolve(pid + "/task/" + thread);
    Files.writeString(Files.createDirectories(task).resolve("children"), pids);
  }
}
