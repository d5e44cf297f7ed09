package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Shows that separate guards share one budget. */
@ExtendWith(NothingLeft.class)
class BudgetAcrossGuardsIT {
  private static final int MANY = 60;
  private static final int MAX = 5;
  // More with -Dshared-budget.rounds=50.
  private static final int ROUNDS = Integer.getInteger("shared-budget.rounds", 2);
  private static final AtomicInteger COUNT = new AtomicInteger();

  @TempDir private Path directory;
  private final List<Running> started = new ArrayList<>();
  private final String budget =
      "shared-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();

  @AfterEach
  void endAll() throws Exception {
    letGo();
  }

  /** All commands that run end; how their guards did. */
  private List<Finished> letGo() throws IOException {
    Files.writeString(directory.resolve("go"), "");
    List<Finished> all = started.stream().map(Running::await).toList();
    started.clear();
    return all;
  }

  private Running start(String... options) {
    return start(guard -> guard, options);
  }

  /** A guard whose command is one process that says that it lives, and goes on until told. */
  private Running start(UnaryOperator<GuardProcess> change, String... options) {
    List<String> arguments = new ArrayList<>(List.of(options));
    String script =
        "$f = shift; open my $out, '>>', \"$f/ran\"; syswrite $out, \"$$\\n\";"
            + " select undef, undef, undef, 0.02 until -e \"$f/go\"";
    arguments.addAll(List.of("--", "perl", "-e", script, directory.toString()));
    GuardProcess guard =
        GuardProcess.exec(arguments.toArray(String[]::new))
            .with("GUARD_BUDGET", budget)
            .with("GUARD_MAX_PROCESSES", Integer.toString(MAX))
            .with("GUARD_RATE_LIMIT", "0");
    Running running = change.apply(guard).start();
    started.add(running);
    return running;
  }

  private long ran() {
    try {
      return Files.readAllLines(directory.resolve("ran")).size();
    } catch (IOException e) {
      return 0;
    }
  }

  private long ended() {
    return started.stream().filter(r -> !r.isAlive()).count();
  }

  @Test
  void ofSixtyGuardsAtOnceFiveRunAndTheOthersAreRefused() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < MANY; i++) {
        start();
      }
      assertExactlyFiveRun("(5/5 active processes)", "GUARD_MAX_PROCESSES");
      Files.delete(directory.resolve("ran"));
      Files.delete(directory.resolve("go"));
    }
  }

  /** The guards have a store of their own: this limit counts everything that the user runs. */
  @Test
  void ofThirtyGuardsInThreeBudgetsFiveRunWhereTheUserMayHaveFive() throws Exception {
    Path store = Files.createTempDirectory(directory, "store");
    for (int i = 0; i < 30; i++) {
      start(
          guard -> guard.withStore(store),
          "--budget=" + budget + "-" + i % 3,
          "--max-processes=0",
          "--user-max-processes=" + MAX);
    }
    assertExactlyFiveRun("(5/5 active processes of all budgets)", "--user-max-processes");
  }

  private void assertExactlyFiveRun(String count, String variable) throws Exception {
    int refused = started.size() - MAX;
    Polling.until("all but 5 refused", () -> ended() >= refused);
    Polling.until("5 run", () -> ran() >= MAX);
    assertThat(ended()).isEqualTo(refused);
    List<Finished> all = letGo();
    assertThat(all).filteredOn(f -> f.exit() == 0).hasSize(MAX);
    assertThat(all)
        .filteredOn(f -> f.exit() != 0)
        .hasSize(refused)
        .allSatisfy(
            f -> {
              assertThat(f.exit()).isEqualTo(75);
              assertThat(f.errors())
                  .startsWith(
                      "guard: Process limit reached "
                          + count
                          + "\nguard: Cannot start a new process. Increase "
                          + variable
                          + " or wait for processes to complete.\n"
                          + "guard: The most processes have: ");
            });
    assertThat(ran()).isEqualTo(MAX);
  }

  @Test
  void whoWaitsRunsWhenThereIsRoom() throws Exception {
    for (int i = 0; i < MAX; i++) {
      start();
    }
    Polling.until("5 run", () -> ran() == MAX);
    Finished impatient = end(start("--wait=0.2"));
    assertThat(impatient.exit()).isEqualTo(75);
    assertThat(impatient.errors())
        .startsWith("guard: Process limit: no place in budget " + budget + " within 0.2 s");
    for (int i = 0; i < 2 * MAX; i++) {
      start("--wait");
    }
    Polling.until("a queue of 10", () -> places().split("\nwait ", -1).length == 2 * MAX + 1);
    assertThat(ran()).isEqualTo(MAX);
    assertThat(letGo()).allSatisfy(f -> assertThat(f.exit()).isZero());
    assertThat(ran()).isEqualTo(3 * MAX);
  }

  /** An environment is anybody's to write, and the state of the budget is made of lines. */
  @Test
  void anIdInTheEnvironmentThatIsNoneDamagesNothing() throws Exception {
    for (int i = 0; i < MAX; i++) {
      start();
    }
    Polling.until("5 run", () -> ran() == MAX);
    for (String id : List.of("a\njunk", "a b", "../../x")) {
      Finished f = end(start(g -> g.with("GUARD_ID", id), "--max-processes=9", "--timeout=0.2"));
      assertThat(f.exit()).isEqualTo(124);
      assertThat(f.errors()).doesNotContain("damaged");
    }
    assertThat(end(start("--timeout=5")).exit()).as("the five are still counted").isEqualTo(75);
    assertThat(places().split("place ", -1)).hasSize(MAX + 1);
  }

  private Finished end(Running running) {
    started.remove(running);
    return running.await();
  }

  private String places() throws IOException {
    return Files.readString(state());
  }

  private Path state() {
    return Store.DIRECTORY.resolve("budgets/" + budget + ".state");
  }

  @Test
  void aGuardThatWasKilledHoldsNoPlace() throws Exception {
    for (int i = 0; i < MAX; i++) {
      start();
    }
    Polling.until("5 run", () -> ran() == MAX);
    assertThat(end(start()).exit()).isEqualTo(75);
    started.forEach(running -> running.signal("KILL"));
    letGo();
    Polling.until("room again", () -> end(start()).exit() == 0);
    assertThat(places()).doesNotContain("place ");
  }

  @Test
  void whoIsStoppedWithTheLockIsNamed() throws Exception {
    Path lock = Files.createDirectories(state().getParent()).resolve(budget + ".lock");
    Process holder =
        new ProcessBuilder(
                "perl",
                "-e",
                "open F, '>>', shift or die; flock F, 2 or die; $| = 1; print 1; kill STOP => $$",
                lock.toString())
            .start();
    try {
      assertThat(holder.getInputStream().read()).isEqualTo('1');
      Finished f = end(start());
      assertThat(f.exit()).isEqualTo(125);
      assertThat(f.errors())
          .isEqualTo(
              "guard: "
                  + lock
                  + " is locked by process "
                  + holder.pid()
                  + ", which is stopped; end it or let it go on\n");
    } finally {
      holder.destroyForcibly().waitFor();
    }
    Files.writeString(directory.resolve("go"), "");
    assertThat(end(start()).exit()).isZero();
  }
}
