package dev.guard.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Cgroupfs;
import dev.guard.os.Os;
import dev.guard.os.Procfs;
import dev.guard.testing.Await;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Uses a command's cgroup in the kernel. Needs a cgroup that this user may write: root. */
class CommandCgroupIT {
  private static final int ROUNDS = 500;

  private final Cgroupfs fs = Cgroupfs.system();
  private CgroupDriver driver;
  private Process process;
  private CommandCgroup cgroup;

  @BeforeEach
  void processInACgroup() throws Exception {
    int self = Os.linux().pid();
    Procfs procfs = Procfs.system();
    String mounts = procfs.text(self, "mountinfo").orElseThrow();
    String membership = procfs.text(self, "cgroup").orElseThrow();
    Set<Controller> pids = Set.of(Controller.PIDS);
    driver = CgroupChooser.choose(Hierarchy.parse(mounts, membership), fs, Set.of(self), pids);
    driver.prepare();
    cgroup = driver.create("it" + System.nanoTime(), pids);
    assertThat(cgroup.exists()).isTrue();
    process = new ProcessBuilder("sleep", "60").start();
    cgroup.join((int) process.pid(), Procfs.system());
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    process.destroyForcibly().waitFor();
    Await.until("removed", () -> cgroup.remove().isEmpty());
  }

  @Test
  void aProcessThatJoinedIsCountedOnceInAllHierarchies() throws Exception {
    assertThat(cgroup.processes()).containsExactly((int) process.pid());
    assertThat(cgroup.members().count()).isEqualTo(1);
  }

  @Test
  void aProcessInANestedCgroupIsCountedAndKilled() throws Exception {
    for (Path directory : cgroup.directories()) {
      fs.createNew(directory.resolve("nested"));
      fs.write(directory.resolve("nested"), "cgroup.procs", Long.toString(process.pid()));
    }
    assertThat(cgroup.processes()).containsExactly((int) process.pid());
    boolean whole = cgroup.killer().kill(Os.linux());
    assertThat(whole).isEqualTo(cgroup.killer().wholeKill().isPresent());
    if (!whole) {
      process.destroyForcibly();
    }
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    Await.until("empty", () -> cgroup.processes().isEmpty());
    assertThat(cgroup.remove()).isEmpty();
    assertThat(cgroup.directories()).noneMatch(d -> fs.has(d, ""));
  }

  /** Where there are two hierarchies, the kill of one does not reach who has left that one. */
  @Test
  void whoHasLeftTheHierarchyThatKillsIsNotKilledAsAWhole() throws Exception {
    String killer = cgroup.killer().wholeKill().orElse("");
    for (Path directory : cgroup.directories()) {
      if (cgroup.directories().size() > 1 && fs.has(directory, killer)) {
        fs.write(directory.getParent().getParent(), "cgroup.procs", Long.toString(process.pid()));
      }
    }
    boolean reached = cgroup.directories().size() == 1 && !killer.isEmpty();
    cgroup.killer().kill(Os.linux());
    assertThat(cgroup.killer().kill(Os.linux())).as("again").isEqualTo(reached);
    assertThat(process.isAlive()).isEqualTo(!reached);
  }

  @Test
  void aBusyCgroupIsTriedAgainUntilItsProcessHasGone() throws Exception {
    CompletableFuture<List<Path>> removed = new CompletableFuture<>();
    Thread remover =
        new Thread(
            () -> {
              try {
                removed.complete(cgroup.remove());
              } catch (Exception e) {
                removed.completeExceptionally(e);
              }
            });
    remover.start();
    Await.until(
        "it was busy", () -> remover.getState() == Thread.State.TIMED_WAITING || removed.isDone());
    process.destroyForcibly();
    assertThat(removed.get()).isEmpty();
    assertThat(cgroup.directories()).noneMatch(d -> fs.has(d, ""));
  }

  /**
   * The lifeline of a guard that was killed removes the cgroup, while somebody else ends the
   * command.
   */
  @Test
  void aCgroupThatIsRemovedWhileItIsKilledIsNoError() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      CommandCgroup empty = driver.create("it" + System.nanoTime(), Set.of(Controller.PIDS));
      CountDownLatch start = new CountDownLatch(2);
      CompletableFuture<List<Path>> removed =
          CompletableFuture.supplyAsync(
              () -> {
                start.countDown();
                try {
                  start.await();
                  return empty.remove();
                } catch (Exception e) {
                  throw new CompletionException(e);
                }
              });
      start.countDown();
      start.await();
      LockSupport.parkNanos(round % 100 * 1000L);
      empty.killer().kill(Os.linux());
      assertThat(removed.get()).isEmpty();
    }
  }

  @Test
  void aCgroupThatStaysBusyIsNamed() throws Exception {
    assertThat(cgroup.remove()).isNotEmpty().isSubsetOf(cgroup.directories());
    assertThat(process.isAlive()).isTrue();
  }
}
