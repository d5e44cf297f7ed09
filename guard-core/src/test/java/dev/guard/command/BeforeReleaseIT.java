package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.Cause;
import dev.guard.Outcome;
import dev.guard.config.Setting;
import dev.guard.testing.Host;
import dev.guard.testing.TestCommands;
import dev.guard.value.CommandInput;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows a command that is held before its release. Needs nothing but Linux. */
class BeforeReleaseIT {
  @TempDir Path directory;
  private CommandRunner guard;

  @BeforeEach
  void start() throws Exception {
    guard =
        CommandRunner.with(
            TestCommands.config(Map.of(Setting.MAX_PROCESSES, "1000", Setting.KILL_AFTER, "1")));
  }

  @AfterEach
  void stop() throws Exception {
    guard.close();
  }

  @Test
  void aCommandCancelledBeforeItsReleaseDoesNotRun() throws Exception {
    Path ran = directory.resolve("ran");
    CompletableFuture<Void> go = new CompletableFuture<>();
    CompletableFuture<Integer> held = new CompletableFuture<>();
    CommandHandle command =
        guard.start(
            TestCommands.sh("touch $1", ran.toString())
                .withBeforeRelease(
                    pid -> {
                      held.complete(pid);
                      go.join();
                    }));
    int pid = held.get(20, TimeUnit.SECONDS);
    assertThat(Host.alive(pid)).isTrue();
    command.cancel();
    go.complete(null);
    Result result = command.result().join();
    assertThat(result.outcome()).isEqualTo(new Outcome.CancelledUnrun(0));
    assertThat(ran).doesNotExist();
    assertThat(Host.alive(pid)).isFalse();
  }

  @Test
  void aHookThatFailsBeforeReleaseMeansTheCommandNeverRan() throws Exception {
    Path ran = directory.resolve("ran");
    List<Integer> held = new ArrayList<>();
    Result result =
        guard.run(
            TestCommands.sh("touch $1", ran.toString())
                .withBeforeRelease(
                    pid -> {
                      held.add(pid);
                      assertThat(Host.alive(pid)).isTrue();
                      throw new IllegalStateException("no terminal");
                    }));
    assertThat(result.outcome())
        .isEqualTo(
            new Outcome.Failed(
                Cause.GUARD_ERROR, List.of("the last step before release failed: no terminal")));
    assertThat(result.exitCode()).isEqualTo(125);
    assertThat(ran).doesNotExist();
    assertThat(held).hasSize(1);
    assertThat(Host.alive(held)).isEmpty();
  }

  @Test
  void anotherCommandRunsWhileOneIsHeld() throws Exception {
    Request cat =
        Request.of("cat")
            .capturing(100)
            .withInput(new CommandInput.Bytes("text".getBytes(StandardCharsets.UTF_8)));
    List<String> outputs = new ArrayList<>();
    Result result =
        guard.run(
            TestCommands.sh("echo outer")
                .withBeforeRelease(
                    pid -> {
                      outputs.add(
                          guard.start(cat).result().get(10, TimeUnit.SECONDS).output().text());
                    }));
    assertThat(outputs).containsExactly("text");
    assertThat(result.output().text()).isEqualTo("outer\n");
  }
}
