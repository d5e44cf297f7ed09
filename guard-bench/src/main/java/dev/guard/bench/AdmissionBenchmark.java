package dev.guard.bench;

import dev.guard.admission.BudgetStore;
import dev.guard.admission.Budgets;
import dev.guard.admission.RateLimiter;
import dev.guard.command.CommandHandle;
import dev.guard.command.CommandRunner;
import dev.guard.config.ConfigException;
import dev.guard.config.GuardConfig;
import dev.guard.config.Setting;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Os;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.process.TreeCount;
import dev.guard.store.StoreDirectory;
import dev.guard.value.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What admission costs in the budget that all guards of the user share. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AdmissionBenchmark {
  private static final String BUDGET = "bench-" + ProcessHandle.current().pid();
  private static final int PER_SECOND = 100;

  /** Commands that live in the budget. */
  @Param({"0", "100"})
  public int live;

  private final List<CommandHandle> running = new ArrayList<>();
  private BudgetStore store;
  private CommandRunner guard;
  private int commands;
  private static final ProcessId OWNER = new ProcessId(1, 0);
  private RateLimiter.LimiterState full = RateLimiter.LimiterState.EMPTY;

  /** Fills the budget and the limiter's window. */
  @Setup(Level.Trial)
  public void fill() throws IOException, ConfigException, InterruptedException {
    Os os = Os.linux();
    Procfs procfs = Procfs.system();
    Optional<String> runtime = Optional.ofNullable(System.getenv("XDG_RUNTIME_DIR"));
    store =
        Budgets.in(
            StoreDirectory.find(os, procfs, runtime),
            os,
            procfs,
            new TreeCount(procfs, Cgroupfs.system()));
    Map<Setting, String> settings =
        Map.of(Setting.BUDGET, BUDGET, Setting.MAX_PROCESSES, "1000", Setting.RATE_LIMIT, "0");
    guard = CommandRunner.with(GuardConfig.defaultsWith(settings));
    CountDownLatch held = new CountDownLatch(live);
    for (int i = 0; i < live; i++) {
      running.add(
          guard.start(
              Request.of("sleep", "600").capturing(0).withBeforeRelease(pid -> held.countDown())));
    }
    held.await();
    for (int i = 0; i < PER_SECOND; i++) {
      full = RateLimiter.decide(full, PER_SECOND, i, "c" + i, OWNER).state();
    }
  }

  /** Ends what lives in the budget. */
  @TearDown(Level.Trial)
  public void end() throws IOException {
    running.forEach(CommandHandle::cancel);
    running.forEach(command -> command.result().join());
    guard.close();
  }

  /** A place is reserved and given back; all tasks together leave room. */
  @Benchmark
  public void reserveAndGiveBack() throws IOException {
    BudgetStore.Reservation answer = reserve(1000);
    ((BudgetStore.Reservation.Granted) answer).place().giveBack();
  }

  /** There is no room, and every command has to be counted to know it. */
  @Benchmark
  public BudgetStore.Reservation refuse() throws IOException {
    return reserve(Math.max(live, 1));
  }

  /** The limiter's answer when its window is full, the longest way through it. */
  @Benchmark
  public Duration limiterDecision() {
    return RateLimiter.decide(full, PER_SECOND, PER_SECOND, "late", OWNER).delay();
  }

  private BudgetStore.Reservation reserve(int max) throws IOException {
    return store.reserve(
        new BudgetStore.PlaceRequest(
            "bench-" + commands++, BUDGET, max, Integer.MAX_VALUE, false, false, ""));
  }
}
