package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Shows what a command can do whose budget is full, and which may have the reserve of it. */
@ExtendWith(NothingLeft.class)
class ReserveIT {
  private static final String MEMORY = Integer.toString(256 << 20);

  @TempDir private Path directory;
  private final String budget =
      "reserve-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
  private Running filling;

  private GuardProcess ofAgent(GuardProcess guard) {
    return guard
        .with("GUARD_BUDGET", budget)
        .with("GUARD_MAX_PROCESSES", "1")
        .with("GUARD_BUDGET_RESERVE", "true")
        .with("GUARD_RATE_LIMIT", "0");
  }

  /** Fills the budget with one process; answers the command's id. */
  private String fill() throws IOException {
    Path told = directory.resolve("id");
    String script = "echo $GUARD_ID > \"$0.new\" && mv \"$0.new\" \"$0\" && exec sleep 60";
    filling = ofAgent(GuardProcess.exec("--", "sh", "-c", script, told.toString())).start();
    Polling.until("the budget is full", () -> Files.exists(told));
    return Files.readString(told).strip();
  }

  @AfterEach
  void end() {
    if (filling != null && filling.isAlive()) {
      filling.signal("TERM");
      filling.await();
    }
  }

  @Test
  void oneCommandHasTheReserveWithItsLimits() throws IOException {
    String holder = fill();
    Reported small = Reported.exec(this::ofAgent, "--memory-max=1G", "--", "sh", "-c", "echo ran");
    assertThat(small.finished().output()).isEqualTo("ran\n");
    assertThat(small.finished().exit()).isZero();
    assertThat(small.finished().errors())
        .isEqualTo(
            "guard: Process limit reached (1/1 active processes): this command has the reserve of its"
                + " budget, 16 tasks, 256M of memory and 30 s. The most processes have: "
                + holder
                + " (1); end one by: guard stop "
                + holder
                + "\n");
    assertThat(small.layer("registry").get("state").getAsString()).isEqualTo("active");
    assertThat(small.layer("registry").get("detail").getAsString())
        .startsWith("reserve; budget " + budget);
    assertThat(small.layer("pids").get("limit").getAsString()).isEqualTo("16");
    assertThat(small.layer("memory").get("limit").getAsString()).isEqualTo(MEMORY);
    assertThat(small.layer("timeout").get("limit").getAsString()).isEqualTo("30.0");
  }

  @Test
  void aLowerLimitOfItsOwnHolds() throws IOException {
    fill();
    Reported small =
        Reported.exec(
            this::ofAgent,
            "--timeout=0.2",
            "--pids-max=9",
            "--memory-max=64M",
            "--",
            "sleep",
            "60");
    assertThat(small.cause()).isEqualTo("timeout");
    assertThat(small.finished().errors())
        .contains("guard: ended at its timeout of 0.2 s (--timeout");
    assertThat(small.layer("pids").get("limit").getAsString()).isEqualTo("9");
    assertThat(small.layer("memory").get("limit").getAsString())
        .isEqualTo(Integer.toString(64 << 20));
  }

  /** What it is there for: an agent in this place ends the command that fills its budget. */
  @Test
  void itCanEndWhatFillsTheBudget() throws IOException {
    String holder = fill();
    Finished stop = ofAgent(GuardProcess.exec("--", "sh", "-c", "$GUARD stop " + holder)).run();
    assertThat(stop.errors()).contains("this command has the reserve");
    assertThat(stop.exit()).as(stop.errors()).isZero();
    assertThat(filling.await().exit()).isNotZero();
    assertThat(ofAgent(GuardProcess.exec("--", "true")).run().errors()).isEmpty();
  }

  @Test
  void aSecondOneIsRefusedAndToldWhoHasIt() throws IOException {
    String holder = fill();
    Path told = directory.resolve("first");
    Path go = directory.resolve("go");
    String script =
        "echo $GUARD_ID > \"$0.new\"; mv \"$0.new\" \"$0\"; until [ -e \"$1\" ]; do sleep 0.05; done";
    Running first =
        ofAgent(GuardProcess.exec("--", "sh", "-c", script, told.toString(), go.toString()))
            .start();
    Polling.until("it runs in the reserve", () -> Files.exists(told));
    String inReserve = Files.readString(told).strip();
    Finished second = ofAgent(GuardProcess.exec("--", "true")).run();
    Files.writeString(go, "");
    assertThat(second.exit()).isEqualTo(75);
    assertThat(second.errors())
        .contains(
            "Cannot start a new process. ",
            holder,
            "; end one by: guard stop ",
            "; the reserve is taken by command " + inReserve + "\n");
    assertThat(first.await().exit()).isZero();
    assertThat(ofAgent(GuardProcess.exec("--", "true")).run().exit()).as("free again").isZero();
  }

  @Test
  void whoDetachesOrWaitsOrHasNoProfileIsRefused() throws IOException {
    String holder = fill();
    assertThat(ofAgent(GuardProcess.exec("--detach", "--", "true")).run().exit()).isEqualTo(75);
    assertThat(ofAgent(GuardProcess.exec("--wait=0.2", "--", "true")).run().exit()).isEqualTo(75);
    Finished person =
        ofAgent(GuardProcess.exec("--", "true")).without("GUARD_BUDGET_RESERVE").run();
    assertThat(person.exit()).isEqualTo(75);
    assertThat(person.errors())
        .endsWith(
            "guard: The most processes have: "
                + holder
                + " (1); end one by: guard stop "
                + holder
                + "\n");
    Finished agent =
        ofAgent(GuardProcess.exec("--profile=agent", "--", "true"))
            .without("GUARD_BUDGET_RESERVE")
            .run();
    assertThat(agent.exit()).isZero();
  }

  @Test
  void whoWantsItQuietHearsNothing() throws IOException {
    fill();
    Finished small = ofAgent(GuardProcess.exec("--messages=quiet", "--", "true")).run();
    assertThat(small.exit()).isZero();
    assertThat(small.errors()).isEmpty();
  }
}
