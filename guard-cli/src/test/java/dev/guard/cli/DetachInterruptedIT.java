package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Stops, continues or kills the first guard of {@code --detach} before it has told the id. */
@ExtendWith({NothingLeft.class, Detached.Removed.class})
class DetachInterruptedIT {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final int ROUNDS = 5;
  private static final Pattern WAITS = Pattern.compile("\nwait [0-9a-f]+ (\\d+) ");

  @TempDir private Path directory;
  private final String budget =
      "interrupted-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();

  private GuardProcess ofOne(GuardProcess call) {
    return call.with("GUARD_BUDGET", budget).with("GUARD_MAX_PROCESSES", "1");
  }

  private static char state(long pid) {
    String stat = MachineRemains.text(Path.of("/proc", Long.toString(pid), "stat"));
    return stat.isEmpty() ? 'X' : stat.charAt(stat.lastIndexOf(')') + 2);
  }

  private static void stopAndContinue(long pid) {
    Signal.send("STOP", Long.toString(pid));
    Polling.until("it is stopped", () -> state(pid) == 'T');
    Signal.send("CONT", Long.toString(pid));
    Polling.until("it goes on", () -> state(pid) != 'T');
  }

  @Test
  void whoWaitsForAPlaceGoesOnWaitingWhenItWasStopped() {
    Detached first = Detached.start(this::ofOne, "--", "sleep", "300");
    Running second = ofOne(GuardProcess.exec("--detach", "--wait", "--", "sleep", "300")).start();
    Path places = Store.DIRECTORY.resolve("budgets/" + budget + ".state");
    Polling.until("it waits", () -> WAITS.matcher(MachineRemains.text(places)).find());
    Matcher waits = WAITS.matcher(MachineRemains.text(places));
    assertThat(waits.find()).isTrue();
    long guard = Long.parseLong(waits.group(1));
    for (int i = 0; i < ROUNDS; i++) {
      stopAndContinue(guard);
      stopAndContinue(second.pid());
    }
    Detached.guard("kill", first.id());
    assertThat(Detached.of(second.await()).state()).isEqualTo("running");
  }

  /** The first guard has the id by then, and has not passed it on: its output is a full pipe. */
  @Test
  void whatNobodyWasToldOfIsEnded() {
    Running first =
        GuardProcess.script(
                "mkfifo full && exec 3<>full && head -c 65536 /dev/zero >&3"
                    + " && exec \"$GUARD\" exec --detach --report report -- sleep 300 >&3")
            .in(directory)
            .start();
    Polling.until("it writes the id", () -> writesToOutput(first.pid()));
    first.signal("KILL");
    first.await();
    Path report = directory.resolve("report");
    Polling.until("the command has ended", () -> !MachineRemains.text(report).isEmpty());
    JsonObject exit = Reported.parse(MachineRemains.text(report)).getAsJsonObject("exit");
    assertThat(exit.get("cause").getAsString()).isEqualTo("cancelled");
    assertThat(exit.get("code").getAsInt()).as("by TERM, so it ran").isEqualTo(143);
  }

  /** Answers whether one of its threads is in write(2) to its standard output, see proc(5). */
  private static boolean writesToOutput(long pid) throws IOException {
    Path tasks = Path.of("/proc", Long.toString(pid), "task");
    try (DirectoryStream<Path> all = Files.newDirectoryStream(tasks)) {
      for (Path task : all) {
        if (MachineRemains.text(task.resolve("syscall")).matches("(1|64) 0x1 .*\n")) {
          return true;
        }
      }
      return false;
    }
  }
}
