package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Shows what the kernel kills when a command is at its limit of memory, or the machine is. */
@Needs("perl")
@ExtendWith(NothingLeft.class)
class MemoryOomIT {
  private static final String GREEDY = "perl -e '$x = \"x\" x 400_000_000'; ";
  private static final String SCORE = "/proc/self/oom_score_adj";

  private static Reported greedy(String option, String then) {
    return Reported.exec(
        process -> process.with("GUARD_MEMORY_MAX", "32M"),
        option,
        "--",
        "sh",
        "-c",
        GREEDY + then);
  }

  @Test
  void allOfACommandEndsAtItsLimit() {
    Reported r = greedy("--memory-oom=group", "sleep 100; echo survived");
    assertThat(r.layer("memory").get("state").getAsString()).isEqualTo("active");
    assertThat(r.finished().output()).isEmpty();
    assertThat(r.cause()).isEqualTo("memory");
  }

  @Test
  void orOneProcess() {
    Reported r = greedy("--memory-oom=process", "echo survived");
    assertThat(r.layer("memory").get("state").getAsString()).isEqualTo("active");
    assertThat(r.finished().output()).isEqualTo("survived\n");
    assertThat(r.finished().exit()).isZero();
    assertThat(r.cause()).isEqualTo("exited");
    assertThat(r.usage("oom_kills")).isEqualTo(1);
    assertThat(r.finished().errors())
        .contains(
            "guard: the kernel killed 1 process of the command at its memory limit of 32M"
                + " (GUARD_MEMORY_MAX; raise it there or with --memory-max); the others went on\n");
  }

  /** Where memory is used up above both, the agent or the shell that starts commands shall live. */
  @Test
  void aCommandInsideAnotherIsTakenBeforeIt() {
    String both = "cat " + SCORE + "; exec \"$0\" exec -- cat " + SCORE;
    String guard = GuardProcess.GUARD.toString();
    Finished f = GuardProcess.exec("--", "sh", "-c", both, guard).run();
    int outer = Integer.parseInt(f.lines().get(0));
    assertThat(f.lines()).hasSize(2).last().isEqualTo(Integer.toString(outer + 200));
    Finished agent = GuardProcess.exec("--profile=agent", "--", "cat", SCORE).run();
    assertThat(agent.lines()).containsExactly(Integer.toString(outer + 200));
  }
}
