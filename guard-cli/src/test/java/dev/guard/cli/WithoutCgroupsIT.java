package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs guard where no cgroup file system is mounted: every process comes back to it as a child
 * subreaper. Needs root for the mounts, and Perl. Bombs run inside an outer guard, whose limit was
 * read back.
 */
@Needs({"unshare", "perl"})
@ExtendWith(NothingLeft.class)
class WithoutCgroupsIT {
  private static final int OUTER_PIDS_MAX = 80;
  private static final String FORKS = "while (1) { fork }";
  private static final String DAEMONS =
      "$SIG{CHLD} = 'IGNORE'; while (1) { my $p = fork; next if !defined $p || $p;"
          + " setsid; my $q = fork; exit if !defined $q || $q }";
  private static final String CHAIN =
      "for (1 .. 6) { next if fork; setsid; while (1) { exit if fork; setsid } } sleep 60 while 1";

  @TempDir private Path directory;

  @Test
  void theReceiptSaysThatTasksAreNotLimited() {
    Reported r = Reported.exec(Cgroups.NONE::on, "--", "true");
    assertThat(r.finished().exit()).isZero();
    assertThat(r.layer("pids").get("state").getAsString()).isEqualTo("degraded");
    assertThat(r.layer("pids").get("detail").getAsString())
        .contains("no cgroup file system is mounted");
  }

  @Test
  void aTimeoutEndsWhatHidAndIgnoresTermAndIsStopped() {
    Reported r =
        Reported.exec(
            Cgroups.NONE::on,
            "--timeout=1",
            "--kill-after=0.3",
            "--",
            "perl",
            "-MPOSIX",
            "-e",
            "$SIG{TERM} = 'IGNORE'; %ENV = ();"
                + " for my $stops (0, 1) { next if fork; setsid; exit if fork;"
                + "  exec '/bin/sh', '-c', $stops ? 'kill -STOP $$' : '/bin/sleep 300; :' }"
                + " sleep 60 while 1");
    assertEnded(r.finished().exit(), r.report());
    assertThat(r.report().getAsJsonObject("exit").get("signal").getAsInt()).isEqualTo(9);
  }

  @ParameterizedTest
  @ValueSource(strings = {FORKS, DAEMONS, CHAIN})
  void aTimeoutEndsATreeThatForksAsFastAsItCan(String bomb) throws IOException {
    Path report = directory.resolve("inner");
    Path limit = directory.resolve("limit");
    Reported outer =
        Reported.exec(
            guard -> guard.with("BOMB", bomb).with("REPORT", "" + report).with("LIMIT", "" + limit),
            "--pids-max=" + OUTER_PIDS_MAX,
            "--require=pids",
            "--timeout=60",
            "--",
            "sh",
            "-c",
            ForkBombIT.OWN_LIMIT
                + " >\"$LIMIT\"; [ \"$(cat \"$LIMIT\")\" = "
                + OUTER_PIDS_MAX
                + " ] || exit 99\n"
                + "exec unshare -m sh -c 'umount -R -l /sys/fs/cgroup && exec \"$@\"' sh \"$GUARD\""
                + " exec --report \"$REPORT\" --timeout=1 --kill-after=0.3 --"
                + " perl -MPOSIX -e \"\\$SIG{TERM} = 'IGNORE'; $BOMB\"");
    assertEnded(outer.finished().exit(), Reported.parse(Files.readString(report)));
    assertThat(outer.report().get("leftovers_killed").getAsInt()).as("by the outer guard").isZero();
  }

  private static void assertEnded(int exit, JsonObject report) {
    assertThat(exit).as("%s", report).isEqualTo(124);
    assertThat(report.getAsJsonObject("exit").get("cause").getAsString()).isEqualTo("timeout");
    assertThat(report.getAsJsonArray("survivors")).isEqualTo(new JsonArray());
    NothingLeft.awaitNoProcess();
  }
}
