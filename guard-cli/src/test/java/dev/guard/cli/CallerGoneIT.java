package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows that a detached command whose id reaches nobody does not run on, and that a dead command's
 * name is free.
 */
@ExtendWith({NothingLeft.class, Detached.Removed.class})
class CallerGoneIT {
  private static final String BUDGET = "gone-" + ProcessHandle.current().pid();

  @TempDir private Path directory;

  private static long queued(String budget) {
    String state = MachineRemains.text(Store.DIRECTORY.resolve("budgets/" + budget + ".state"));
    return state.lines().filter(l -> l.startsWith("wait ")).count();
  }

  @Test
  void whoLeavesWhileItsCommandQueuesLeavesTheQueue() {
    String[] full = {"--max-processes", "1", "--budget", BUDGET};
    Detached first = Detached.start(full[0], full[1], full[2], full[3], "--", "sleep", "300");
    Running caller =
        GuardProcess.exec(
                "--detach", "--wait", full[0], full[1], full[2], full[3], "--", "touch", "ran")
            .in(directory)
            .start();
    Polling.until("it queues", () -> queued(BUDGET) == 1);
    caller.signal("KILL");
    caller.await();
    Polling.until("it has left the queue", () -> queued(BUDGET) == 0);
    Detached.guard("kill", first.id());
    Detached.start(full[0], full[1], full[2], full[3], "--", "true");
    assertThat(directory.resolve("ran")).doesNotExist();
  }

  @Test
  void anIdThatCanNotBeWrittenIsNoSuccess() {
    Finished f =
        GuardProcess.script(
                "exec \"$GUARD\" exec --detach --name \"$1\" -- sleep 300 >/dev/full", BUDGET)
            .run();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors())
        .endsWith("guard: the id could not be written, and the command does not run\n");
    assertThat(Detached.shown())
        .noneMatch(c -> c.get("state").getAsString().equals("running") && named(c.get("name")));
  }

  private static boolean named(JsonElement name) {
    return !name.isJsonNull() && name.getAsString().equals(BUDGET);
  }

  @Test
  void theNameOfACommandWhoseGuardWasKilledIsFree() {
    Running guard =
        GuardProcess.exec("--name", BUDGET, "--", "sh", "-c", "touch id; exec sleep 300")
            .in(directory)
            .start();
    Polling.until("it runs", () -> Files.exists(directory.resolve("id")));
    guard.signal("KILL");
    guard.await();
    NothingLeft.awaitNoProcess();
    Finished next = GuardProcess.exec("--name", BUDGET, "--", "true").run();
    assertThat(next.exit()).as(next.errors()).isZero();
  }
}
