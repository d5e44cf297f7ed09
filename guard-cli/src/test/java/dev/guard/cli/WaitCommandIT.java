package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows that {@code guard wait} waits until commands have ended, and has the status of the last.
 */
@ExtendWith({NothingLeft.class, Detached.Removed.class})
class WaitCommandIT {
  private static final String WAITS = "until [ -e \"$0\" ]; do sleep 0.02; done; exit $1";

  @TempDir private Path directory;

  private Path go() {
    return directory.resolve("go");
  }

  private Detached waiting(int exit) {
    return Detached.start("--", "sh", "-c", WAITS, go().toString(), Integer.toString(exit));
  }

  @Test
  void itEndsAfterTheCommandAndAsThatDid() throws Exception {
    Detached d = waiting(7);
    Running wait = GuardProcess.of("wait", d.id()).start();
    assertThat(d.state()).as("after as long as a guard takes").isEqualTo("running");
    assertThat(wait.isAlive()).isTrue();
    Files.writeString(go(), "");
    assertThat(wait.await().exit()).isEqualTo(7);
    d.assertGone();
    Finished again = GuardProcess.of("wait", d.id()).run();
    assertThat(again.exit()).as("of one that has ended").isEqualTo(7);
    assertThat(again.errors()).isEmpty();
  }

  @Test
  void ofSeveralTheLastDecides() throws Exception {
    Detached first = waiting(3);
    Detached second = waiting(5);
    Running wait = GuardProcess.of("wait", first.id(), second.id()).start();
    Running other = GuardProcess.of("wait", second.id(), first.id()).start();
    Files.writeString(go(), "");
    assertThat(wait.await().exit()).isEqualTo(5);
    assertThat(other.await().exit()).isEqualTo(3);
  }

  @Test
  void aTimeoutIs124() {
    Detached d = Detached.start("--timeout", "0.5", "--", "sleep", "300");
    assertThat(GuardProcess.of("wait", d.id()).run().exit()).isEqualTo(124);
  }

  @Test
  void aSignalIs128AndItsNumber() {
    Detached d = Detached.start("--", "sh", "-c", "kill -9 $$");
    assertThat(GuardProcess.of("wait", d.id()).run().exit()).isEqualTo(137);
  }

  @Test
  void aForegroundCommand() throws Exception {
    String name = "wait-" + ProcessHandle.current().pid();
    Running guard =
        GuardProcess.exec(
                "--name", name, "--", "sh", "-c", "echo >ran; " + WAITS, go().toString(), "6")
            .in(directory)
            .start();
    Polling.until("it runs", () -> Files.exists(directory.resolve("ran")));
    Running wait = GuardProcess.of("wait", name).start();
    Files.writeString(go(), "");
    assertThat(guard.await().exit()).isEqualTo(6);
    assertThat(wait.await().exit()).isEqualTo(6);
  }
}
