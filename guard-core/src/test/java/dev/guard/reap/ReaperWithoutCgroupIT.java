package dev.guard.reap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Os;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.process.Tree;
import dev.guard.testing.EndsWithoutCgroup;
import dev.guard.testing.Hiding;
import dev.guard.testing.ProcessTree;
import dev.guard.testing.TaskLimit;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Reaps as in a library: there is no cgroup, and orphans go to the process that adopts them. */
class ReaperWithoutCgroupIT extends EndsWithoutCgroup {
  private static final Os OS = Os.linux();

  private Tree tree(ProcessTree processes) {
    CommandCgroup none = CommandCgroup.none(Cgroupfs.system(), "");
    return new Tree(
        Procfs.system(),
        none,
        new ProcessId(processes.main(), processes.mainStart()),
        id,
        Optional.empty());
  }

  @Override
  protected void end(ProcessTree processes, TaskLimit limit) throws Exception {
    // Java waits for its child itself, so it counts as reaped; a short grace, since some ignore
    // TERM.
    assertThat(new Reaper(OS, tree(processes)).end(Duration.ofMillis(200))).isEmpty();
  }

  @Test
  void whoeverWasSeenOnceIsKnownWhenItsParentHasGone() throws Exception {
    try (ProcessTree processes = Hiding.WITH_ENVIRONMENT_CLEARED.start(id)) {
      Tree tree = tree(processes);
      assertThat(tree.members()).containsAll(processes.printed());
      processes.killMain();
      assertThat(tree.members()).isEqualTo(processes.printed());
      assertThat(tree.isEmpty()).isFalse();
    }
  }
}
