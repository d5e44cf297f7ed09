package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.Cause;
import dev.guard.config.GuardConfig;
import dev.guard.config.Setting;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Shows that a budget belongs to the user: a second Guard does not begin to count from zero. */
class SharedBudgetIT {
  @Test
  void aSecondGuardCountsWhatTheFirstOneRuns() throws Exception {
    GuardConfig config =
        GuardConfig.defaultsWith(
            Map.of(
                Setting.BUDGET, "shared-by-two",
                Setting.MAX_PROCESSES, "1",
                Setting.RATE_LIMIT, "0",
                Setting.PIDS_MAX, "64"));
    CountDownLatch held = new CountDownLatch(1);
    Request sleep =
        Request.of("sleep", "60").capturing(0).withBeforeRelease(pid -> held.countDown());
    try (CommandRunner first = CommandRunner.with(config);
        CommandRunner second = CommandRunner.with(config)) {
      CommandHandle running = first.start(sleep);
      assertThat(held.await(20, TimeUnit.SECONDS)).isTrue();

      Result refused = second.run(Request.of("true").capturing(0));

      assertThat(refused.outcome().cause()).isEqualTo(Cause.REFUSED_PROCESSES);
      assertThat(refused.exitCode()).isEqualTo(75);
      running.cancel();
      running.result().get(20, TimeUnit.SECONDS);
      assertThat(second.run(Request.of("true").capturing(0)).exitCode()).isZero();
    }
  }
}
