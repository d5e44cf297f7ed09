package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.Cause;
import dev.guard.Outcome;
import dev.guard.config.Setting;
import dev.guard.os.Procfs;
import dev.guard.testing.Await;
import dev.guard.testing.Host;
import dev.guard.testing.TestCommands;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Shows admission with real processes. Needs nothing but Linux. */
class AdmissionIT {
  private static final int THREADS = 60;
  private static final int MAX = 5;
  private static final int ROUNDS = 200;

  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private CommandRunner guard;
  private Set<Integer> childrenBefore;

  @BeforeEach
  void start() throws Exception {
    guard =
        CommandRunner.with(
            TestCommands.config(Map.of(Setting.MAX_PROCESSES, "5", Setting.TIMEOUT, "120")));
    childrenBefore = Host.children(false);
  }

  @AfterEach
  void stop() throws Exception {
    threads.shutdownNow();
    guard.close();
  }

  private Set<Integer> live() throws Exception {
    Set<Integer> live = Host.children(false);
    live.removeAll(childrenBefore);
    return live;
  }

  private <T> List<T> atOnce(Callable<T> task) throws Exception {
    CyclicBarrier start = new CyclicBarrier(THREADS);
    Callable<T> together =
        () -> {
          start.await();
          return task.call();
        };
    List<T> answers = new ArrayList<>();
    for (Future<T> answer : threads.invokeAll(Collections.nCopies(THREADS, together))) {
      answers.add(answer.get());
    }
    return answers;
  }

  @Test
  void ofSixtyStartsAtOnceFiveRunAndTheOthersAreRefused() throws Exception {
    Request sleep = Request.of("sleep", "60").capturing(0);
    for (int round = 0; round < ROUNDS; round++) {
      List<CommandHandle> commands = atOnce(() -> guard.start(sleep));
      Await.until(
          "55 refused", () -> commands.stream().filter(c -> c.result().isDone()).count() >= 55);
      List<CommandHandle> running = commands.stream().filter(c -> !c.result().isDone()).toList();
      assertThat(running).as("admitted in round " + round).hasSize(MAX);
      Await.until("five live", () -> live().size() == MAX);
      commands.removeAll(running);
      commands.forEach(AdmissionIT::assertRefused);
      running.forEach(CommandHandle::cancel);
      for (CommandHandle ended : running) {
        assertThat(ended.result().join().outcome().cause()).isEqualTo(Cause.CANCELLED);
      }
      assertThat(live()).as("left of round " + round).isEmpty();
    }
  }

  private static void assertRefused(CommandHandle command) {
    Result result = command.result().join();
    assertThat(result.outcome().cause()).isEqualTo(Cause.REFUSED_PROCESSES);
    assertThat(result.outcome().messages())
        .hasSize(3)
        .startsWith(
            "Process limit reached (5/5 active processes)",
            "Cannot start a new process. Increase --max-processes or wait for processes to complete.");
    assertThat(result.outcome().messages().get(2))
        .startsWith("The most processes have: ")
        .contains("; end one by: guard stop ");
    assertThat(result.exitCode()).isEqualTo(75);
  }

  @Test
  void whileCommandsComeAndGoNeverMoreThanFiveLive() throws Exception {
    Request brief = Request.of("sleep", "0.02").capturing(0);
    AtomicBoolean done = new AtomicBoolean();
    Future<Integer> most = threads.submit(() -> mostLiveUntil(done));
    List<Integer> admitted = new ArrayList<>();
    CyclicBarrier start = new CyclicBarrier(THREADS - 1);
    Callable<Integer> tries =
        () -> {
          start.await();
          int ran = 0;
          for (int i = 0; i < 20; i++) {
            ran += guard.run(brief).outcome() instanceof Outcome.Ran ? 1 : 0;
          }
          return ran;
        };
    for (Future<Integer> ran : threads.invokeAll(Collections.nCopies(THREADS - 1, tries))) {
      admitted.add(ran.get());
    }
    done.set(true);
    assertThat(most.get()).isBetween(1, MAX);
    assertThat(admitted.stream().mapToInt(Integer::intValue).sum()).isGreaterThanOrEqualTo(MAX);
  }

  private int mostLiveUntil(AtomicBoolean done) throws Exception {
    int most = 0;
    while (!done.get()) {
      most = Math.max(most, live().size());
    }
    return most;
  }

  @Test
  void processesOfATreeCountAndThreadsDoNot() throws Exception {
    CommandHandle four =
        guard.start(TestCommands.sh("sleep 60 & sleep 60 & sleep 60 & echo; wait"));
    Await.until("four live", () -> live().size() == 1 && treeSize(live().iterator().next()) == 4);
    Set<Integer> before = live();
    CommandHandle threaded =
        guard.start(
            TestCommands.perl("use threads; threads->create(sub { sleep 60 }) for 1..4; sleep 60"));
    Await.until("a fifth process of five threads", () -> threadsBeside(before) == 5);
    assertRefused(guard.start(TestCommands.sh("true")));
    four.cancel();
    assertThat(four.result().join().exitCode()).isNotZero();
    assertThat(guard.run(TestCommands.sh("exit 7")).exitCode()).isEqualTo(7);
    threaded.cancel();
    threaded.result().join();
  }

  private int threadsBeside(Set<Integer> known) throws Exception {
    Set<Integer> fresh = live();
    fresh.removeAll(known);
    return fresh.isEmpty() ? 0 : Procfs.system().threads(fresh.iterator().next());
  }

  private static long treeSize(int pid) {
    return 1 + ProcessHandle.of(pid).orElseThrow().descendants().count();
  }

  @Test
  void startsBeyondTheRateWaitAndAreNotLost() throws Exception {
    try (CommandRunner slow =
        CommandRunner.with(TestCommands.config(Map.of(Setting.RATE_LIMIT, "5")))) {
      long begin = System.nanoTime();
      List<CommandHandle> commands = new ArrayList<>();
      for (int i = 0; i < 11; i++) {
        commands.add(slow.start(TestCommands.sh("exit 3")));
      }
      for (CommandHandle command : commands) {
        assertThat(command.result().join().exitCode()).isEqualTo(3);
      }
      // Five starts in the first second, five in the next, so the eleventh is in the third.
      assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(2_000_000_000L);
      assertThat(commands.stream().filter(c -> !c.result().join().times().waited().isZero()))
          .hasSize(6);
    }
  }
}
