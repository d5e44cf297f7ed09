package dev.guard.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Walks trees of processes as files. */
class DescendantsTest {
  private static final int ROOT = 10;

  @TempDir Path proc;
  private Descendants byChildren;
  private Descendants byParents;

  @BeforeEach
  void tree() throws IOException {
    byChildren = new ChildrenFiles(new Procfs(proc));
    byParents = new ParentScan(new Procfs(proc));
    process(1, 0, 'S');
    process(ROOT, 1, 'S');
    process(11, ROOT, 'S');
    process(12, ROOT, 'S');
    process(13, 11, 'S');
    process(99, 1, 'S');
    children(1, 1, "10 99 ");
    children(ROOT, ROOT, "11 ");
    // 12 was forked by another thread than the first.
    children(ROOT, 20, "12 ");
    children(11, 11, "13 ");
    children(12, 12, "");
    children(13, 13, "");
  }

  private void process(int pid, int parent, char state) throws IOException {
    Path directory = Files.createDirectories(proc.resolve(Integer.toString(pid)));
    String rest = " 0 0 0 -1 0 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0";
    Files.writeString(
        directory.resolve("stat"), pid + " (a (b) c) " + state + " " + parent + rest + "\n");
  }

  private void children(int pid, int thread, String list) throws IOException {
    Path directory = proc.resolve(pid + "/task/" + thread);
    Files.writeString(Files.createDirectories(directory).resolve("children"), list);
  }

  private void assertBothFind(Integer... pids) throws IOException {
    assertThat(byChildren.of(ROOT)).isEqualTo(Set.of(pids));
    assertThat(byParents.of(ROOT)).isEqualTo(Set.of(pids));
  }

  @Test
  void theChildrenOfEveryThreadAreFound() throws IOException {
    assertBothFind(11, 12, 13);
  }

  @Test
  void zombiesAreNotLive() throws IOException {
    process(13, 11, 'Z');
    assertBothFind(11, 12);
  }

  @Test
  void aLiveProcessBelowAZombieIsFoundByItsParents() throws IOException {
    process(11, ROOT, 'Z');
    assertThat(byParents.of(ROOT)).isEqualTo(Set.of(12, 13));
  }

  @Test
  void aProcessThatWasListedTwiceWhileItMovedIsOne() throws IOException {
    children(ROOT, 21, "12 13 ");
    assertBothFind(11, 12, 13);
  }

  @Test
  void aProcessThatHasGoneMeanwhileIsNoError() throws IOException {
    children(12, 12, "77 ");
    assertBothFind(11, 12, 13);
  }

  @Test
  void aTreeThatHasGoneIsEmpty() throws IOException {
    assertThat(byChildren.of(500)).isEmpty();
    assertThat(byParents.of(500)).isEmpty();
  }

  @Test
  void severalRootsAreAskedAtOnceAndAreNotTheirOwnDescendants() throws IOException {
    assertThat(byChildren.of(Set.of(ROOT, 11))).isEqualTo(Set.of(12, 13));
    assertThat(byParents.of(Set.of(11, 99))).isEqualTo(Set.of(13));
  }

  @Test
  void withoutAProcFileSystemPgrepIsAsked() throws IOException {
    assertThat(Descendants.on(new Procfs(proc.resolve("none")))).isInstanceOf(Pgrep.class);
    assertThat(Descendants.on(new Procfs(proc))).isInstanceOf(ParentScan.class);
  }

  @Test
  void aReusedNumberThatClosesACircleEndsTheWalk() throws IOException {
    children(13, 13, ROOT + " 11 ");
    assertThat(byChildren.of(ROOT)).isEqualTo(Set.of(11, 12, 13));
  }

  @Test
  void whatCanNotBeReadIsAnErrorAndNotNothing() throws IOException {
    Files.createDirectories(proc.resolve("12/task/30/children"));
    assertThatThrownBy(() -> byChildren.of(ROOT)).isInstanceOf(IOException.class);
    Files.createDirectories(proc.resolve("55/stat"));
    assertThatThrownBy(() -> byParents.of(ROOT)).isInstanceOf(IOException.class);
  }

  @Test
  void withoutListsOfChildrenTheParentsAreAsked() throws IOException {
    Files.createSymbolicLink(proc.resolve("self"), Path.of("99"));
    Files.createDirectories(proc.resolve("99/task/99"));
    children(ROOT, ROOT, "");
    assertThat(Descendants.on(new Procfs(proc)).of(ROOT)).isEqualTo(Set.of(11, 12, 13));
    children(99, 99, "");
    assertThat(Descendants.on(new Procfs(proc)).of(ROOT)).isEqualTo(Set.of(12));
  }
}
