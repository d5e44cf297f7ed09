package dev.guard.testing;

import java.io.IOException;
import java.util.Map;

/**
 * Names the ways in which a process is hard to find or to end, where there is no cgroup and no
 * subreaper.
 */
public enum Hiding {
  IN_THE_GROUP(1, "child {}"),
  IN_THE_GROUP_WITHOUT_PARENT_AND_ENVIRONMENT(1, "child { exit if fork; cleared() }"),
  IN_A_SESSION_OF_ITS_OWN(1, "child { setsid }"),
  WITHOUT_PARENT(1, "child { setsid; exit if fork }"),
  WITH_TERM_IGNORED(1, "$SIG{TERM} = 'IGNORE'; child { setsid }"),
  STOPPED(1, "child { setsid; print \"$$\\n\"; kill STOP => $$ }"),
  WITH_ENVIRONMENT_CLEARED(1, "child { setsid; cleared() }"),
  BELOW_ONE_WITHOUT_PARENT(2, "child { setsid; exit if fork; child { setsid; cleared() } }"),
  BEHIND_A_MISLEADING_NAME(
      1, "child { setsid; open my $c, '>', '/proc/self/comm'; syswrite $c, \"a\\nb) Z 1 (\" }");

  private static final String PRELUDE =
      "use POSIX; $| = 1;"
          + " sub child(&) { my $p = fork; return if $p;"
          + "  $_[0]->(); print \"$$\\n\"; sleep 60 while 1 }"
          + " sub cleared { exec 'env', '-i', 'sh', '-c', 'echo $$; exec sleep 60' }"
          + " ";

  private final int processes;
  private final String program;

  Hiding(int processes, String program) {
    this.processes = processes;
    this.program = program;
  }

  /** Starts a main process that hides another one in this way, as the command {@code id}. */
  public ProcessTree start(String id) throws IOException {
    String whole = PRELUDE + program + "; sleep 60 while 1";
    return ProcessTree.start(Map.of("GUARD_ID", id), processes, "perl", "-e", whole);
  }
}
