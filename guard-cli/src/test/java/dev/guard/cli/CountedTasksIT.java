package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Shows that guard counts tasks where no kernel limit stops a tree from growing. Needs root for the
 * mounts.
 */
@Needs({"unshare", "perl"})
@ExtendWith(NothingLeft.class)
class CountedTasksIT {
  private static final String FORTY =
      "for (1 .. 40) { my $p = fork; if (!$p) { sleep 60; exit } } sleep 60";

  @Test
  void aTreeWithTooManyTasksIsEnded() {
    Reported r =
        Reported.exec(Cgroups.NONE::on, "--pids-max=16", "--timeout=30", "--", "perl", "-e", FORTY);
    assertThat(r.cause()).isEqualTo("pids");
    assertThat(r.finished().exit()).isEqualTo(128 + 9);
    assertThat(r.finished().errors())
        .contains("pids limit 16 is not in force: ")
        .contains("guard counts them itself, and ends it above that")
        .contains("ended, it had more than its limit of 16 tasks (--pids-max; raise it there)");
    assertThat(r.report().getAsJsonArray("survivors")).isEmpty();
  }

  @Test
  void aTreeWithinItsLimitIsNot() {
    Reported r =
        Reported.exec(
            Cgroups.NONE::on,
            "--pids-max=60",
            "--timeout=3",
            "--kill-after=0.2",
            "--",
            "perl",
            "-e",
            FORTY);
    assertThat(r.cause()).isEqualTo("timeout");
  }
}
