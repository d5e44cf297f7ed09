package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.Cause;
import dev.guard.Outcome;
import dev.guard.config.Setting;
import dev.guard.os.Signals;
import dev.guard.testing.Await;
import dev.guard.testing.Commands;
import dev.guard.testing.Host;
import dev.guard.value.CommandInput;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guard from a Java program. Needs nothing but Linux. */
class LibraryIT {
  @TempDir Path directory;
  private CommandRunner guard;

  @BeforeEach
  void start() throws Exception {
    guard =
        CommandRunner.with(
            Commands.config(Map.of(Setting.MAX_PROCESSES, "1000", Setting.KILL_AFTER, "1")));
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

  @Test
  void fiftyCommandsAtOnceHaveTheirOwnResults() {
    List<CompletableFuture<Result>> results =
        IntStream.range(0, 50)
            .parallel()
            .mapToObj(
                i -> {
                  try {
                    return guard.start(Commands.sh("echo $1 $GUARD_ID; exit $1", "" + i)).result();
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                })
            .toList();
    CompletableFuture.allOf(results.toArray(CompletableFuture[]::new)).join();
    for (int i = 0; i < 50; i++) {
      Result result = results.get(i).join();
      assertThat(result.output().text()).isEqualTo(i + " " + result.id() + "\n");
      assertThat(result.exitCode()).isEqualTo(i);
      assertThat(result.outcome().cause()).isEqualTo(Cause.EXITED);
    }
    assertThat(results.stream().map(r -> r.join().id()).distinct()).hasSize(50);
  }

  @Test
  void cancelEndsTheTreeWhereverItHasGone() throws Exception {
    Path pids = directory.resolve("pids");
    CommandHandle command =
        guard.start(
            Commands.sh(
                "setsid sh -c 'echo $$ >>$0; sleep 60' $1 & (trap '' TERM; sleep 60 & echo $! >>$1; wait) & "
                    + "echo $$ >>$1; wait",
                pids.toString()));
    List<Integer> tree = pidsIn(pids, 3);
    assertThat(Host.alive(tree)).hasSize(3);
    command.cancel();
    command.cancel();
    Result result = command.result().join();
    assertThat(result.outcome().cause()).isEqualTo(Cause.CANCELLED);
    assertThat(result.exitCode()).isEqualTo(128 + Signals.TERM);
    assertThat(Host.alive(tree)).isEmpty();
    assertThat(Host.cgroups(List.of(command.id()))).isEmpty();
    command.cancel();
    command.signal(Signals.TERM);
  }

  @Test
  void aCommandCancelledBeforeItsReleaseDoesNotRun() throws Exception {
    Path ran = directory.resolve("ran");
    CompletableFuture<Void> go = new CompletableFuture<>();
    CompletableFuture<Integer> held = new CompletableFuture<>();
    CommandHandle command =
        guard.start(
            Commands.sh("touch $1", ran.toString())
                .withBeforeRelease(
                    pid -> {
                      held.complete(pid);
                      go.join();
                    }));
    int pid = held.join();
    assertThat(Host.gates(List.of(command.id()))).as("what it is held at").hasSize(1);
    command.cancel();
    go.complete(null);
    Result result = command.result().join();
    assertThat(result.outcome()).isEqualTo(new Outcome.CancelledUnrun(0));
    assertThat(Host.gates(List.of(command.id()))).isEmpty();
    assertThat(ran).doesNotExist();
    assertThat(Host.alive(pid)).isFalse();
  }

  @Test
  void aHookThatFailsBeforeReleaseMeansTheCommandNeverRan() throws Exception {
    Path ran = directory.resolve("ran");
    List<Integer> held = new ArrayList<>();
    Result result =
        guard.run(
            Commands.sh("touch $1", ran.toString())
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
  void aSignalReachesTheWholeGroup() throws Exception {
    Path pids = directory.resolve("pids");
    CommandHandle command =
        guard.start(
            Commands.sh(
                "trap 'exit 33' USR1; sh -c 'trap \"echo got; exit\" USR1; echo $$ >>$0; "
                    + "while :; do sleep 0.05; done' $1 & echo $$ >>$1; wait; wait",
                pids.toString()));
    pidsIn(pids, 2);
    command.signal(Signals.USR1);
    Result result = command.result().join();
    assertThat(result.exitCode()).isEqualTo(33);
    assertThat(result.outcome().cause()).isEqualTo(Cause.EXITED);
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
            Commands.sh("echo outer")
                .withBeforeRelease(
                    pid -> {
                      outputs.add(
                          guard.start(cat).result().get(10, TimeUnit.SECONDS).output().text());
                    }));
    assertThat(outputs).containsExactly("text");
    assertThat(result.output().text()).isEqualTo("outer\n");
  }
}
