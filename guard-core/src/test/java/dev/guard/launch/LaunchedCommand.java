package dev.guard.launch;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.config.GuardConfig;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Os;
import dev.guard.os.Procfs;
import dev.guard.os.WaitStatus;
import dev.guard.testing.Await;
import dev.guard.value.Request;
import dev.guard.value.Result.Captured;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;

/** Holds one command of a {@link Launch}, from its hold to its end, with its streams. */
final class LaunchedCommand implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String id =
      String.format("%016x", ThreadLocalRandom.current().nextLong(Long.MAX_VALUE));
  private final StandardStreams streams;
  private final Held held;

  /** How a command ended, and what it wrote, a character for each byte. */
  record LaunchEnd(WaitStatus status, String output, String error) {
    List<String> lines() {
      return output.lines().toList();
    }
  }

  private static final CommandCgroup NO_CGROUP = CommandCgroup.none(Cgroupfs.system(), "");

  private LaunchedCommand(Os os, Launch launch, Request request, boolean asScript)
      throws IOException, NotExecutedException {
    streams = StandardStreams.open(os, request, Optional.empty());
    try {
      held =
          launch.hold(
              id,
              request,
              streams,
              asScript,
              NO_CGROUP,
              GuardConfig.defaults(),
              LaunchedCommand::mustNotBeLeft);
    } catch (IOException | NotExecutedException | RuntimeException | Error e) {
      streams.close();
      throw e;
    }
  }

  private static void mustNotBeLeft(LeftAtGate left) {
    throw new AssertionError("left at the gate: " + left);
  }

  static LaunchedCommand hold(Os os, Launch launch, Request request)
      throws IOException, NotExecutedException {
    return new LaunchedCommand(os, launch, request, false);
  }

  static LaunchedCommand holdAsScript(Os os, Launch launch, Request request)
      throws IOException, NotExecutedException {
    return new LaunchedCommand(os, launch, request, true);
  }

  Held held() {
    return held;
  }

  int pid() {
    return held.pid();
  }

  String id() {
    return id;
  }

  boolean release() throws IOException, NotExecutedException {
    return releaseWithin(PATIENCE, new CompletableFuture<>());
  }

  boolean releaseWithin(Duration patience, CompletableFuture<?> cancelled)
      throws IOException, NotExecutedException {
    return held.release(patience, cancelled);
  }

  /** Waits for its end and takes what it wrote. */
  LaunchEnd end() throws Exception {
    streams.start(id);
    Await.until("the end of process " + pid(), () -> held.main().hasEnded());
    List<Captured> captured = streams.finish();
    return new LaunchEnd(held.main().status(), text(captured.get(0)), text(captured.get(1)));
  }

  /** Releases it and waits for its end. */
  LaunchEnd run() throws Exception {
    if (!release()) {
      throw new AssertionError("not executed");
    }
    return end();
  }

  /** Releases {@code sleep}, and returns once it sleeps, as everything of it can be looked at. */
  void runToSleep(Procfs procfs) throws Exception {
    if (!release()) {
      throw new AssertionError("not executed");
    }
    Await.until(
        "process " + pid() + " sleeps",
        () ->
            procfs
                .stat(pid())
                .filter(s -> s.command().equals("sleep") && s.state() == 'S')
                .isPresent());
  }

  private static String text(Captured captured) {
    return new String(captured.bytes(), StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    try {
      held.abandon();
      held.main().kill();
      Await.until("the end of process " + pid(), () -> held.main().hasEnded());
    } catch (Exception e) {
      throw new IOException(e);
    } finally {
      held.close();
      streams.close();
    }
  }
}
