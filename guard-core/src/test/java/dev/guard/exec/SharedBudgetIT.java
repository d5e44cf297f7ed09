package dev.guard.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.Cause;
import dev.guard.CommandRequest;
import dev.guard.CommandResult;
import dev.guard.config.GuardConfig;
import dev.guard.config.Setting;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A budget belongs to the user: a second Guard does not begin to count from zero. */
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
    CommandRequest sleep =
        CommandRequest.of("sleep", "60").capturing(0).withBeforeRelease(pid -> held.countDown());
    try (Guard first = Guard.with(config);
        Guard second = Guard.with(config)) {
      RunningCommand running = first.start(sleep);
      assertThat(held.await(20, TimeUnit.SECONDS)).isTrue();

      CommandResult refused = second.run(CommandRequest.of("true").capturing(0));

      assertThat(refused.outcome().cause()).isEqualTo(Cause.REFUSED_PROCESSES);
      assertThat(refused.exitCode()).isEqualTo(75);
      running.cancel();
      running.result().get(20, TimeUnit.SECONDS);
      assertThat(second.run(CommandRequest.of("true").capturing(0)).exitCode()).isZero();
    }
  }
}
