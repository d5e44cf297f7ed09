package dev.guard.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tells whose the processes below a guard are, from files. */
class AdoptedTreeTest {
  private static final int GUARD = 100;
  private static final int LIFELINE = 101;
  private static final int MAIN = 102;
  private static final int BEFORE = 50;
  private static final int BEGINNING = 40;
  private static final String MARK = "A=b\0GUARD_ID=f0\0";

  @TempDir private Path proc;

  @BeforeEach
  void theCommand() throws IOException {
    Files.createDirectories(proc.resolve("self/task/self"));
    Files.createFile(proc.resolve("self/task/self/children"));
    process(GUARD, 1, 10, "");
    process(LIFELINE, GUARD, 20, "");
    process(MAIN, GUARD, BEGINNING, MARK);
    process(103, MAIN, 41, MARK);
  }

  private void process(int pid, int parent, int start, String environment) throws IOException {
    Path task = Files.createDirectories(proc.resolve(pid + "/task/" + pid));
    String rest = " 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 " + start + " 0 0\n";
    Files.writeString(proc.resolve(pid + "/stat"), pid + " (x) S " + parent + rest);
    Files.writeString(proc.resolve(pid + "/environ"), environment);
    Files.writeString(task.resolve("children"), "");
    lists();
  }

  /** Writes every list of children, by the parents. */
  private void lists() throws IOException {
    Procfs procfs = new Procfs(proc);
    Set<Integer> all = new TreeSet<>(procfs.pids());
    for (int parent : all) {
      StringBuilder children = new StringBuilder();
      for (int pid : all) {
        if (procfs.stat(pid).filter(s -> s.parent() == parent).isPresent()) {
          children.append(pid).append(' ');
        }
      }
      Files.writeString(proc.resolve(parent + "/task/" + parent + "/children"), children);
    }
  }

  private void ends(int pid) throws IOException {
    Files.delete(proc.resolve(pid + "/stat"));
    lists();
  }

  private AdoptedTree tree() throws IOException {
    return new AdoptedTree(new Procfs(proc), GUARD, LIFELINE, new ProcessId(MAIN, BEGINNING), "f0");
  }

  private static Set<Integer> of(AdoptedTree tree, Integer... inCgroup) throws IOException {
    return tree.processes(() -> Set.of(inCgroup));
  }

  @Test
  void whereNobodyWasThereBeforeEveryOrphanIsTheCommands() throws IOException {
    process(200, GUARD, 60, "");
    assertThat(of(tree())).containsExactlyInAnyOrder(MAIN, 103, 200);
  }

  @Test
  void whoWasThereBeforeAndWhatHeStartsIsNot() throws IOException {
    process(BEFORE, GUARD, 5, "");
    process(201, BEFORE, 60, "");
    AdoptedTree tree = tree();
    assertThat(of(tree)).containsExactlyInAnyOrder(MAIN, 103);
    assertThat(tree.others()).contains(BEFORE, 201, LIFELINE);
  }

  @Test
  void whoComesFromHimStaysWhatHeWas() throws IOException {
    process(BEFORE, GUARD, 5, "");
    process(201, BEFORE, 60, "");
    AdoptedTree tree = tree();
    of(tree);
    ends(BEFORE);
    process(201, GUARD, 60, MARK);
    assertThat(of(tree)).as("he was seen before").containsExactlyInAnyOrder(MAIN, 103);
  }

  @Test
  void besideHimAnOrphanIsTheCommandsByItsMarkItsCgroupOrWhereItWasSeen() throws IOException {
    process(BEFORE, GUARD, 5, "");
    AdoptedTree tree = tree();
    process(203, MAIN, 42, "");
    assertThat(of(tree)).containsExactlyInAnyOrder(MAIN, 103, 203);
    process(203, GUARD, 42, "");
    process(204, GUARD, 60, MARK);
    process(205, GUARD, 60, "");
    process(206, 205, 61, "");
    process(207, GUARD, 60, "");
    assertThat(of(tree, 205)).containsExactlyInAnyOrder(MAIN, 103, 203, 204, 205, 206);
  }

  @Test
  void aLaterProcessWithTheNumberOfOneWhoWasThereIsAnother() throws IOException {
    process(BEFORE, GUARD, 5, "");
    AdoptedTree tree = tree();
    process(BEFORE, GUARD, 70, MARK);
    assertThat(of(tree)).contains(BEFORE);
  }
}
