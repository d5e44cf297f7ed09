package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.Cause;
import dev.guard.config.Setting;
import dev.guard.testing.Host;
import dev.guard.testing.TestCommands;
import dev.guard.value.Result;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Shows processes that leave the command's cgroup, in a library, to which nobody's orphans come.
 * Needs root, who may write to other cgroups.
 */
class StrayIT {
  // Into the cgroups that Guard itself is in, which are those above.
  private static final String STRAY =
      "use POSIX; $| = 1; sub stray { for (glob '/sys/fs/cgroup/{.,*}/cgroup.procs') {"
          + " open my $f, '>', $_ or next; syswrite $f, $$ } }"
          + " sub outside { stray; open my $m, '<', '/proc/self/cgroup';"
          + "  die if grep { /cmd_/ } <$m> }"
          // Perl writes its name over its environment. It leaves again whenever it is brought back.
          + " sub hidden { $0 = 'x' x 100000; outside; print \"$$\\n\"; close STDOUT; close STDERR;"
          + "  while (1) { stray; select undef, undef, undef, 0.002 } } ";
  private static final String CHILD_WITHOUT_MARK =
      STRAY + "unless (fork) { setsid; hidden } sleep 60 while 1";
  private static final String ORPHAN_WITH_MARK =
      STRAY
          + "unless (fork) { setsid; exit if fork; outside; print \"$$\\n\"; close STDOUT;"
          + " close STDERR; sleep 60; exit } select undef, undef, undef, 0.5;";

  private static Result run(String program, String timeout, String grace) throws Exception {
    Map<Setting, String> settings = Map.of(Setting.TIMEOUT, timeout, Setting.KILL_AFTER, grace);
    try (CommandRunner guard = CommandRunner.with(TestCommands.config(settings))) {
      Result result = guard.run(TestCommands.perl(program));
      assertThat(TestCommands.pids(result)).as(result.output().text()).hasSize(1);
      assertThat(Host.alive(TestCommands.pids(result))).isEmpty();
      assertThat(result.survivors()).isEmpty();
      return result;
    }
  }

  @Test
  void aChildWithoutMarkIsFoundBeforeItsParentIsKilled() throws Exception {
    // Without a grace there is one look at the tree, and then the cgroup is killed.
    assertThat(run(CHILD_WITHOUT_MARK, "1", "0").outcome().cause()).isEqualTo(Cause.TIMEOUT);
  }

  @Test
  void anOrphanIsFoundByItsMarkWhenTheCommandHasEnded() throws Exception {
    Result result = run(ORPHAN_WITH_MARK, "20", "0.5");
    assertThat(result.exitCode()).isZero();
    assertThat(result.leftoversKilled()).isEqualTo(1);
  }

  @Test
  void anOrphanIsFoundByItsMarkAtATimeout() throws Exception {
    assertThat(run(ORPHAN_WITH_MARK + " sleep 60 while 1", "1.5", "0.5").outcome().cause())
        .isEqualTo(Cause.TIMEOUT);
  }
}
