package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs bombs under a task limit and a timeout. Needs a host where the pids layer is active; no bomb
 * runs before the limit was read back by a command itself.
 */
@ExtendWith(NothingLeft.class)
class ForkBombIT {
  private static final int PIDS_MAX = 64;
  private static final List<String> LIMITS =
      List.of(
          "--pids-max=" + PIDS_MAX,
          "--timeout=3",
          "--kill-after=1",
          "--require=pids,timeout",
          "--");

  // v1, or hybrid, has the controller in a hierarchy of its own; v2 has one for all.
  static final String OWN_LIMIT =
      "while IFS=: read -r n controllers path; do\n"
          + "case $n:$controllers in *:pids) cat \"/sys/fs/cgroup/pids$path/pids.max\" ;;\n"
          + "0:) cat \"/sys/fs/cgroup$path/pids.max\" 2>/dev/null ;; esac; done </proc/self/cgroup";

  @TempDir private Path directory;

  @BeforeAll
  static void theLimitIsInForce() {
    assertThat(Reported.exec(command("sh", "-c", OWN_LIMIT)).finished().output())
        .isEqualTo(PIDS_MAX + "\n");
  }

  @Test
  void shellFunction() {
    refused(bomb("sh", "-c", "bomb() { bomb | bomb & }; bomb; exec sleep 60"));
  }

  @Test
  void forkInALoop() {
    refused(bomb("perl", "-e", "while (1) { fork }"));
  }

  @Test
  void forkInALoopThatIgnoresTerm() {
    Reported r = bomb("perl", "-e", "$SIG{TERM} = 'IGNORE'; while (1) { fork }");
    refused(r);
    assertThat(r.report().getAsJsonObject("exit").get("signal").getAsInt()).isEqualTo(9);
  }

  @Test
  void threadsInsteadOfProcesses() {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String[] jvm = {"-Xshare:auto", "-XX:TieredStopAtLevel=1", "-Xlog:disable", "-Xmx64m"};
    refused(
        bomb(
            java,
            jvm[0],
            jvm[1],
            jvm[2],
            jvm[3],
            "-cp",
            "target/test-classes",
            "dev.guard.cli.ThreadBomb"));
  }

  @Test
  void daemonsThatLeaveSessionAndParent() {
    refused(
        bomb(
            "perl",
            "-MPOSIX",
            "-e",
            "$SIG{CHLD} = $SIG{TERM} = $SIG{HUP} = 'IGNORE';\n"
                + "while (1) { my $p = fork; next if !defined $p || $p;\n"
                + "setsid; my $q = fork; exit if !defined $q || $q; setpgrp; sleep 60 while 1 }"));
  }

  @Test
  void aChainThatReExecsItselfUnderNewParents() throws IOException {
    Path link = directory.resolve("link");
    GuardProcess.program(
        link,
        "#!/usr/bin/perl\n$SIG{TERM} = 'IGNORE'; my $p = fork; exit if $p;\n"
            + "exec $0, @ARGV if defined $p || 1");
    Reported r =
        bomb(
            "sh",
            "-c",
            "for i in 1 2 3 4 5 6; do setsid \"$1\" $i & done; exec sleep 60",
            "x",
            link + "");
    survivedNowhere(r);
  }

  /** Runs one with a shell beside it. */
  private static Reported bomb(String... bomb) {
    Neighbour neighbour = new Neighbour();
    Reported reported;
    try (neighbour) {
      reported = Reported.exec(command(bomb));
    }
    assertThat(neighbour.longestSeconds()).as("longest start beside the bomb").isLessThan(5);
    assertThat(neighbour.starts()).as("starts beside the bomb").isGreaterThan(20);
    return reported;
  }

  private static String[] command(String... words) {
    List<String> all = new ArrayList<>(LIMITS);
    all.addAll(List.of(words));
    return all.toArray(String[]::new);
  }

  private static void refused(Reported r) {
    assertThat(r.usage("forks_refused")).as("%s", r.report()).isPositive();
    assertThat(r.usage("peak_pids")).isEqualTo(PIDS_MAX);
    survivedNowhere(r);
  }

  private static void survivedNowhere(Reported r) {
    assertThat(r.finished().exit()).as(r.finished().errors()).isEqualTo(124);
    assertThat(r.cause()).isEqualTo("timeout");
    assertThat(r.report().getAsJsonArray("survivors")).isEqualTo(new JsonArray());
    assertThat(MachineRemains.processesWith("GUARD_ID=" + r.id())).isEmpty();
    assertThat(MachineRemains.cgroups(r.id())).isEmpty();
  }
}
