package dev.guard.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks that a tree without a cgroup is ended, and nothing else. Needs Perl. */
public abstract class EndsWithoutCgroup {
  private static final int TASKS = 24;
  private static final String FORKS = "while (1) { fork }";
  private static final String DAEMONS =
      "$SIG{CHLD} = 'IGNORE'; while (1) { my $p = fork; next if !defined $p || $p;"
          + " setsid; my $q = fork; exit if !defined $q || $q }";

  /** The id of the commands here. */
  protected final String id = String.format("%016x", System.nanoTime());

  /** Ends the tree, of a command with this id and task limit or null, and returns then. */
  protected abstract void end(ProcessTree tree, TaskLimit limit) throws Exception;

  @ParameterizedTest
  @EnumSource
  void isEndedWhereverItHides(Hiding hiding) throws Exception {
    try (ProcessTree neighbour = hiding.start("another");
        ProcessTree tree = hiding.start(id)) {
      assertThat(tree.alive()).containsAll(tree.printed());
      end(tree, null);
      assertThat(tree.alive()).isEmpty();
      assertThat(neighbour.alive()).containsAll(neighbour.printed()).contains(neighbour.main());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {FORKS, DAEMONS})
  void isEndedWhileItForksAsFastAsItCan(String bomb) throws Exception {
    String held = "use POSIX; $| = 1; print \"$$\\n\"; my $go = <STDIN>; " + bomb;
    try (TaskLimit limit = TaskLimit.of(TASKS);
        ProcessTree tree = ProcessTree.start(Map.of("GUARD_ID", id), 1, "perl", "-e", held)) {
      limit.put(tree.main());
      tree.release();
      Await.until("the limit is reached", limit::isFull);
      end(tree, limit);
      // One that has just been killed takes a moment; a bomb that goes on would never be gone.
      Await.until("nobody is left", () -> limit.processes().isEmpty());
    }
  }

  @Test
  void anotherProcessOfTheSameNumberIsLeftAlone() throws Exception {
    try (ProcessTree other = Hiding.IN_THE_GROUP.start("another")) {
      end(other.withStart(other.mainStart() - 1), null);
      assertThat(other.alive()).containsAll(other.printed()).contains(other.main());
    }
  }
}
