package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.Cause;
import dev.guard.Outcome;
import dev.guard.admission.BudgetStore;
import dev.guard.cgroup.CgroupSituation;
import dev.guard.config.GuardConfig;
import dev.guard.config.Setting;
import dev.guard.launch.ShellLifeline;
import dev.guard.launch.SpawnLaunch;
import dev.guard.limits.Limiter;
import dev.guard.monitor.Alarm;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.Procfs;
import dev.guard.process.Member;
import dev.guard.report.Journal;
import dev.guard.testing.TestCommands;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Shows what one command asks of its budget and does with the answers. Needs nothing but Linux. */
class CommandLifeIT {
  private final Os os = Os.linux();
  private final FakeStore store = new FakeStore();
  private final AtomicInteger held = new AtomicInteger();

  /** A store that answers as told and writes down what it is asked. */
  private static final class FakeStore implements BudgetStore {
    private final Deque<Duration> delays = new ArrayDeque<>();
    private final List<String> asked = new ArrayList<>();
    private final List<String> left = new ArrayList<>();
    private final AtomicInteger givenBack = new AtomicInteger();
    private IOException failure;

    @Override
    public Reservation reserve(PlaceRequest ask) throws IOException {
      if (failure != null) {
        throw failure;
      }
      return new Reservation.Granted(
          new Place() {
            @Override
            public void countBy(Member member) {}

            @Override
            public void giveBack() {
              givenBack.incrementAndGet();
            }

            @Override
            public void giveBackWhenEmpty() {
              throw new AssertionError("nothing is left alive here");
            }
          },
          Optional.empty(),
          "",
          "");
    }

    @Override
    public void leaveQueue(PlaceRequest ask) {}

    @Override
    public StartAnswer start(String budget, int ratePerSecond, String command) {
      asked.add(command);
      return new StartAnswer(delays.isEmpty() ? Duration.ZERO : delays.remove(), "");
    }

    @Override
    public void leaveStarts(String budget, String command) {
      left.add(command);
    }

    @Override
    public void catchUp() {}
  }

  private Result run(Request request, Map<Setting, String> settings) throws Exception {
    GuardConfig config = GuardConfig.defaultsWith(settings);
    Request counted =
        request.withBeforeRelease(
            pid -> {
              held.incrementAndGet();
              request.beforeRelease().held(pid);
            });
    CommandHandle command =
        new CommandHandle(
            String.format("c0ffee%010x", System.nanoTime() & 0xffffffffffL),
            counted,
            Alarm.byDescriptor(os));
    ShellLifeline lifeline = ShellLifeline.start(os);
    try {
      Limiter limiter =
          Limiter.on(
              os,
              Procfs.system(),
              CgroupSituation.of(
                  Procfs.system(), Cgroupfs.system(), os.pid(), os.userId(), Optional.empty()),
              config,
              "guard-it.scope",
              false);
      Kernel kernel = new Kernel(os, Procfs.system(), Cgroupfs.system());
      RunnerContext runner =
          new RunnerContext(
              kernel,
              Caller.ofProgram(kernel),
              store,
              () -> "",
              new SpawnLaunch(os, Procfs.system(), lifeline, Optional.empty()),
              lifeline,
              Optional.empty(),
              new KeptTrees());
      Journal journal =
          new Journal(UserStore.open()::records, UserStore.open().history(), now -> {});
      new CommandLife(CommandContext.of(runner, config, limiter, command, journal)).run();
      return command.result().join();
    } finally {
      lifeline.close();
    }
  }

  @Test
  void aFailureToCountRefusesTheCommand() throws Exception {
    store.failure = new IOException("/proc can not be read");
    Result result = run(TestCommands.sh("exit 0"), Map.of());
    assertThat(result.outcome())
        .isEqualTo(new Outcome.Failed(Cause.GUARD_ERROR, List.of("/proc can not be read")));
    assertThat(result.exitCode()).isEqualTo(125);
    assertThat(held).as("spawned").hasValue(0);
  }

  @Test
  void whoIsToldToWaitAsksAgainUntilAdmitted() throws Exception {
    store.delays.addAll(
        List.of(Duration.ofMillis(30), Duration.ofMillis(20), Duration.ofMillis(1)));
    Result result = run(TestCommands.sh("exit 9"), Map.of());
    assertThat(result.exitCode()).isEqualTo(9);
    assertThat(store.asked).hasSize(4).containsOnly(result.id());
    assertThat(store.left).as("left the queue of starts").isEmpty();
    assertThat(result.times().waited()).hasMillis(51);
    assertThat(store.givenBack).hasPositiveValue();
  }

  @Test
  void whoWouldWaitLongerThanItsTimeoutIsRefused() throws Exception {
    store.delays.addAll(List.of(Duration.ofMillis(10), Duration.ofSeconds(3)));
    Result result = run(TestCommands.sh("exit 0"), Map.of(Setting.TIMEOUT, "1"));
    assertThat(result.outcome().cause()).isEqualTo(Cause.REFUSED_RATE);
    assertThat(store.left).as("left the queue of starts").containsExactly(result.id());
    assertThat(result.exitCode()).isEqualTo(75);
    assertThat(held).as("spawned").hasValue(0);
    assertThat(store.givenBack).hasPositiveValue();
  }

  @Test
  void withoutARateLimitNobodyIsAsked() throws Exception {
    assertThat(run(TestCommands.sh("exit 9"), Map.of(Setting.RATE_LIMIT, "0")).exitCode())
        .isEqualTo(9);
    assertThat(store.asked).isEmpty();
  }

  @Test
  void theNextStageThatFailsGivesThePlaceBack() throws Exception {
    Request failing =
        TestCommands.sh("exit 0")
            .withBeforeRelease(
                pid -> {
                  throw new IOException("no terminal");
                });
    Result result = run(failing, Map.of());
    assertThat(result.outcome()).isInstanceOf(Outcome.Failed.class);
    assertThat(held).hasValue(1);
    assertThat(store.givenBack).hasPositiveValue();
  }
}
