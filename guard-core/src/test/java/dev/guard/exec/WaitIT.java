package dev.guard.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.CommandRequest;
import dev.guard.CommandResult;
import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.Signals;
import dev.guard.os.WaitStatus;
import dev.guard.testing.Commands;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A program in which others wait for children, or nobody does. Needs nothing but Linux. */
class WaitIT {
  private final Os os = Os.linux();

  @Test
  void aStatusThatSomebodyElseHasTakenIsNoFailureOfGuard() throws Exception {
    CompletableFuture<WaitStatus> taken = new CompletableFuture<>();
    CommandRequest request =
        CommandRequest.of("sh", "-c", "exit 3")
            .capturing(100)
            .withBeforeRelease(pid -> new Thread(() -> take(pid, taken), "thief").start());
    try (Guard guard = Guard.with(Commands.config(Map.of()))) {
      CommandResult result = guard.run(request);
      if (taken.join() == null) {
        assertThat(result.exitCode()).isEqualTo(3);
        return;
      }
      assertThat(result.exitCode()).isEqualTo(WaitStatus.UNKNOWN.code());
      assertThat(result.outcome().messages()).singleElement().asString().contains("not known");
      assertThat(result.survivors()).isEmpty();
    }
  }

  private void take(int pid, CompletableFuture<WaitStatus> taken) {
    try {
      WaitStatus status = null;
      while (status == null) {
        status = os.waitNoHang(pid);
      }
      taken.complete(status);
    } catch (OsException e) {
      assertThat(e.errno()).isEqualTo(Errno.ECHILD);
      taken.complete(null);
    }
  }

  @Test
  void whereTheProgramInheritedThatChildrenAreIgnoredTheirStatusIsKnown() throws Exception {
    os.setSignal(Signals.CHLD, Os.Disposition.IGNORE);
    try (Guard guard = Guard.with(Commands.config(Map.of()))) {
      assertThat(guard.run(CommandRequest.of("sh", "-c", "exit 3").capturing(1)).exitCode())
          .isEqualTo(3);
    } finally {
      os.setSignal(Signals.CHLD, Os.Disposition.DEFAULT);
    }
  }
}
