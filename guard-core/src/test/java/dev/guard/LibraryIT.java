package dev.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.guard.testing.Await;
import dev.guard.testing.Host;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uses Guard as a Java program does. Needs nothing but Linux; limits need a cgroup to write. */
class LibraryIT {
  private static final int TERM = 15;
  private static final int USR1 = 10;
  // The command's own limits, as the kernel has them, on v1 and on v2.
  private static final String READ_LIMITS =
      """
      value() {
        p=$(sed -n "s/^[0-9]*:\\([^:]*,\\)*$1\\(,[^:]*\\)*://p" /proc/self/cgroup)
        d=$(sed -n "s/^[^ ]* \\([^ ]*\\) cgroup [^ ]*\\b$1\\b.*/\\1/p" /proc/mounts | head -n 1)
        if [ -n "$p" ]; then cat "$d$p/$2"; else
          p=$(sed -n 's/^0:://p' /proc/self/cgroup); p=${p%/main}; cat "/sys/fs/cgroup$p/$3"
        fi
      }
      value pids pids.max pids.max
      value cpu cpu.cfs_quota_us cpu.max
      """;

  @TempDir Path directory;
  private Guard guard;

  @BeforeEach
  void start() throws Exception {
    guard = Guard.with(LibraryRequests.LIMITS.maxProcesses(1000).killAfter(Duration.ofSeconds(1)));
  }

  @AfterEach
  void stop() throws Exception {
    guard.close();
  }

  private List<Integer> pidsIn(Path file, int count) throws Exception {
    Await.until(
        count + " pids",
        () -> Files.exists(file) && Files.readString(file).lines().count() >= count);
    return Files.readAllLines(file).stream().map(Integer::valueOf).toList();
  }

  private static CommandResult resultOf(RunningCommand command) throws Exception {
    return command.result().get(40, TimeUnit.SECONDS);
  }

  @Test
  void fiftyCommandsAtOnceHaveTheirOwnResults() {
    List<CompletableFuture<CommandResult>> results =
        IntStream.range(0, 50).parallel().mapToObj(this::echo).toList();
    CompletableFuture.allOf(results.toArray(CompletableFuture[]::new)).join();
    for (int i = 0; i < 50; i++) {
      CommandResult result = results.get(i).join();
      assertThat(result.output().text()).isEqualTo(i + " " + result.id() + "\n");
      assertThat(result.exitCode()).isEqualTo(i);
      assertThat(result.cause()).isEqualTo(Cause.EXITED);
    }
    assertThat(results.stream().map(r -> r.join().id()).distinct()).hasSize(50);
  }

  private CompletableFuture<CommandResult> echo(int number) {
    try {
      return guard
          .start(LibraryRequests.sh("echo $1 $GUARD_ID; exit $1", Integer.toString(number)))
          .result();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void cancelEndsTheTreeWhereverItHasGone() throws Exception {
    Path pids = directory.resolve("pids");
    RunningCommand command =
        guard.start(
            LibraryRequests.sh(
                "setsid sh -c 'echo $$ >>$0; sleep 60' $1 & (trap '' TERM; sleep 60 & echo $! >>$1; wait) & "
                    + "echo $$ >>$1; wait",
                pids.toString()));
    List<Integer> tree = pidsIn(pids, 3);
    assertThat(Host.alive(tree)).hasSize(3);
    command.cancel();
    command.cancel();
    CommandResult result = resultOf(command);
    assertThat(result.cause()).isEqualTo(Cause.CANCELLED);
    assertThat(result.exitCode()).isEqualTo(128 + TERM);
    assertThat(Host.alive(tree)).isEmpty();
    assertThat(Host.cgroups(List.of(command.id()))).isEmpty();
    command.cancel();
    command.signal(TERM);
  }

  @Test
  void aSignalReachesTheWholeGroup() throws Exception {
    Path pids = directory.resolve("pids");
    RunningCommand command =
        guard.start(
            LibraryRequests.sh(
                "trap 'exit 33' USR1; sh -c 'trap \"echo got; exit\" USR1; echo $$ >>$0; "
                    + "while :; do sleep 0.05; done' $1 & echo $$ >>$1; wait; wait",
                pids.toString()));
    pidsIn(pids, 2);
    command.signal(USR1);
    CommandResult result = resultOf(command);
    assertThat(result.exitCode()).isEqualTo(33);
    assertThat(result.cause()).isEqualTo(Cause.EXITED);
  }

  @Test
  void aCommandHasItsOwnLimitsInTheKernelAndInItsReceipt() throws Exception {
    CommandLimits own =
        CommandLimits.defaults().pidsMax(77).cpuMax(0.5).require(LayerName.PIDS, LayerName.CPU);
    CommandResult result = guard.run(LibraryRequests.sh(READ_LIMITS).limits(own));
    assertThat(result.messages()).isEmpty();
    assertThat(result.output().text().lines().toList().get(0)).isEqualTo("77");
    assertThat(result.output().text().lines().toList().get(1)).startsWith("50000");
    LimitValue tasks = result.layer(LayerName.PIDS).orElseThrow().value().orElseThrow();
    assertThat(tasks).hasToString("77 tasks");
    Layer cpu = result.layer(LayerName.CPU).orElseThrow();
    assertThat(cpu.state()).isEqualTo(Layer.State.ACTIVE);
    assertThat(cpu.value().orElseThrow()).hasToString("0.5 cores");

    LimitValue processes = result.layer(LayerName.REGISTRY).orElseThrow().value().orElseThrow();
    assertThat(processes).as("what it has not is the Guard's").hasToString("1000 processes");

    CommandResult other = guard.run(LibraryRequests.sh(READ_LIMITS));
    assertThat(other.output().text().lines().toList().get(0)).isNotEqualTo("77");
    assertThat(other.layer(LayerName.CPU).orElseThrow().state()).isEqualTo(Layer.State.OFF);
  }

  @Test
  void aCommandHasItsOwnTimeoutAndSaysWhereItWasSet() throws Exception {
    RunningCommand endless = guard.start(LibraryRequests.sh("sleep 60"));
    CommandResult brief = guard.run(LibraryRequests.sh("sleep 60").timeout(Duration.ofMillis(300)));
    assertThat(brief.cause()).isEqualTo(Cause.TIMEOUT);
    assertThat(brief.exitCode()).isEqualTo(124);
    assertThat(brief.messages())
        .containsExactly("ended at its timeout of 0.3 s (CommandLimits.timeout; raise it there)");
    assertThat(endless.state()).isNotEqualTo(CommandState.ENDED);
    endless.kill();
    assertThat(resultOf(endless).cause()).isEqualTo(Cause.CANCELLED);
  }

  @Test
  void whoWaitsForTheReleaseOfAProgramThatIsNotThereIsTold() throws Exception {
    RunningCommand missing = guard.start(CommandRequest.of("no-such-program").capture(0));
    assertThat(missing.released().get(20, TimeUnit.SECONDS)).isEmpty();
    CommandResult result = resultOf(missing);
    assertThat(result.exitCode()).isEqualTo(127);
    assertThat(result.outcome()).isInstanceOf(Outcome.NotExecuted.class);

    RunningCommand there = guard.start(CommandRequest.of("true").capture(0));
    assertThat(there.released().get(20, TimeUnit.SECONDS)).hasSize(LayerName.values().length);
    assertThat(resultOf(there).exitCode()).isZero();
    assertThat(there.state()).isEqualTo(CommandState.ENDED);
  }

  @Test
  void whatWaitsForTheReleaseHoldsUpNoDeadline() throws Exception {
    CompletableFuture<Void> never = new CompletableFuture<>();
    RunningCommand command =
        guard.start(LibraryRequests.sh("sleep 0.2; sleep 60").timeout(Duration.ofSeconds(1)));
    command.released().thenAccept(receipt -> never.join());
    try {
      assertThat(resultOf(command).cause()).isEqualTo(Cause.TIMEOUT);
    } finally {
      never.complete(null);
    }
  }

  @Test
  void anInterruptOfRunEndsTheCommand() throws Exception {
    Path pids = directory.resolve("pids");
    AtomicReference<Exception> thrown = new AtomicReference<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                guard.run(LibraryRequests.sh("echo $$ >>$1; sleep 60", pids.toString()));
              } catch (IOException | InterruptedException e) {
                thrown.set(e);
              }
            });
    caller.start();
    List<Integer> tree = pidsIn(pids, 1);
    caller.interrupt();
    caller.join(TimeUnit.SECONDS.toMillis(40));
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    assertThat(Host.alive(tree)).isEmpty();
  }

  @Test
  void aWaitingStartCanBeSeen() throws Exception {
    CommandLimits one =
        CommandLimits.defaults().maxProcesses(1).budget("waits-" + ProcessHandle.current().pid());
    CommandRequest sleep = CommandRequest.of("sleep", "60").capture(0).limits(one);
    RunningCommand first = guard.start(sleep);
    first.released().get(20, TimeUnit.SECONDS);
    assertThat(first.state()).isEqualTo(CommandState.RUNNING);
    CommandResult refused = guard.run(sleep);
    assertThat(refused.cause()).isEqualTo(Cause.REFUSED_PROCESSES);
    assertThat(refused.messages().get(1)).contains("Increase CommandLimits.maxProcesses or wait");

    RunningCommand second = guard.start(sleep.queueing(Duration.ofMinutes(1)));
    Await.until("it waits", () -> second.state() == CommandState.WAITING);
    Await.until("its place is known", () -> second.placeInQueue().orElse(0) == 1);
    first.cancel();
    second.released().get(20, TimeUnit.SECONDS);
    assertThat(second.state()).isEqualTo(CommandState.RUNNING);
    assertThat(second.placeInQueue()).isEmpty();
  }

  @Test
  void closeCancelsWhatRunsAndWhatWaits() throws Exception {
    CommandLimits one =
        CommandLimits.defaults().maxProcesses(1).budget("close-" + ProcessHandle.current().pid());
    CommandRequest sleep = CommandRequest.of("sleep", "60").capture(0).limits(one);
    RunningCommand runs = guard.start(sleep);
    runs.released().get(20, TimeUnit.SECONDS);
    RunningCommand waits = guard.start(sleep.queueing(Duration.ofMinutes(1)));
    Await.until("it waits", () -> waits.state() == CommandState.WAITING);

    guard.close();

    assertThat(runs.result()).isDone();
    assertThat(runs.result().join().cause()).isEqualTo(Cause.CANCELLED);
    assertThat(runs.result().join().survivors()).isEmpty();
    assertThat(waits.result().join().outcome()).isInstanceOf(Outcome.CancelledUnrun.class);
    assertThat(waits.released().get(20, TimeUnit.SECONDS)).isEmpty();
    assertThatIllegalStateException()
        .isThrownBy(() -> guard.start(sleep))
        .withMessageContaining("this Guard is closed");
  }

  @Test
  void theEnvironmentAndTheDirectoryAreThoseOfTheRequest() throws Exception {
    CommandRequest request =
        LibraryRequests.sh("pwd; echo $ONE; echo ${PATH-none}; echo $TWO")
            .directory(directory)
            .variable("ONE", "1 \u00e4")
            .variable("TWO", "2")
            .withoutVariable("TWO");
    List<String> lines = new ArrayList<>(guard.run(request).output().text().lines().toList());
    assertThat(lines).hasSize(4);
    assertThat(Path.of(lines.get(0))).isEqualTo(directory.toRealPath());
    assertThat(lines.get(1)).isEqualTo("1 \u00e4");
    assertThat(lines.get(2)).isEqualTo(System.getenv("PATH"));
    assertThat(lines.get(3)).isEmpty();
  }
}
