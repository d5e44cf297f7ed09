package dev.guard.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Procfs;
import dev.guard.testing.Await;
import dev.guard.testing.ForkingProgram;
import dev.guard.testing.Host;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Walks real trees. Needs a kernel with lists of children (CONFIG_PROC_CHILDREN). */
class DescendantsIT {
  private final Procfs procfs = Procfs.system();
  private final Descendants byChildren = new ChildrenFiles(procfs);
  private final Descendants byParents = new ParentScan(procfs);

  @Test
  void aTreeForkedFromWorkerThreadsIsCountedExactly() throws Exception {
    Process program = new ProcessBuilder(ForkingProgram.commandLine()).start();
    int root = (int) program.pid();
    Set<Integer> tree = new TreeSet<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(program.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); !line.isEmpty(); line = lines.readLine()) {
        tree.add(Integer.valueOf(line));
      }
      assertThat(tree).hasSize(ForkingProgram.DESCENDANTS);
      Await.until("a zombie of each shell", () -> zombiesBelow(tree) == tree.size() / 3);
      assertThat(byChildren.of(root)).isEqualTo(tree);
      assertThat(byParents.of(root)).isEqualTo(tree);
      assertThat(procfs.threads(root)).as("its threads are not processes").isGreaterThan(1);
    } finally {
      program.getOutputStream().close();
      program.waitFor();
    }
    Await.until("the tree has gone", () -> Host.alive(tree).isEmpty());
  }

  private long zombiesBelow(Set<Integer> tree) throws Exception {
    long zombies = 0;
    for (int pid : procfs.pids()) {
      zombies +=
          procfs.stat(pid).filter(s -> s.ended() && tree.contains(s.parent())).isPresent() ? 1 : 0;
    }
    return zombies;
  }

  @Test
  void processesThatComeAndGoWhileTheyAreCountedAreNoError() throws Exception {
    String churn = "sleep 60 & echo $!; while :; do (true & true & true) & wait $!; done";
    Process program = new ProcessBuilder("sh", "-c", churn).start();
    int root = (int) program.pid();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(program.getInputStream(), StandardCharsets.UTF_8));
    int steady = Integer.parseInt(lines.readLine());
    try {
      for (int i = 0; i < 100; i++) {
        assertThat(byChildren.of(root)).contains(steady);
        assertThat(byParents.of(root)).contains(steady);
      }
    } finally {
      ProcessHandle.of(steady).ifPresent(ProcessHandle::destroyForcibly);
      program.destroyForcibly().waitFor();
    }
  }
}
