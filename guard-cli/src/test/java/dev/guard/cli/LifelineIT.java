package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Kills guard with SIGKILL: before release nothing runs, after it the tree ends too. {@link
 * NothingLeft} sees every process that stays, the lifeline among them.
 */
@ExtendWith(NothingLeft.class)
class LifelineIT {
  private static final String DAEMON =
      "setsid sh -c 'setsid sleep 300 & echo >daemon; sleep 300' &"
          + " setsid sh -c 'setsid sh -c \"trap : TERM; sleep 300; sleep 300\" & :' &"
          + " setsid env -i sleep 300 &"
          + " echo >ran; exec sleep 300";

  @TempDir private Path directory;
  private Set<Path> cgroupsBefore;

  @BeforeEach
  void look() {
    cgroupsBefore = MachineRemains.cgroups();
  }

  @RepeatedTest(5)
  void killedWhileTheCommandIsHeld() {
    Running guard = GuardProcess.exec("--", "sh", "-c", "echo >ran").in(directory).start();
    Polling.until("a process is held", () -> isHeld(guard) || !guard.isAlive());
    guard.signal("STOP");
    boolean held = isHeld(guard);
    guard.signal("KILL");
    int exit = guard.await().exit();
    NothingLeft.awaitNoProcess();
    if (held) {
      assertThat(exit).isEqualTo(137);
      assertThat(exists("ran")).as("a command that was held has run").isFalse();
    }
    awaitNoCgroup();
  }

  /** A held process ends when guard and its server are killed, who alone could release it. */
  @Test
  void killedWithItsServerWhileTheCommandIsHeld() throws IOException {
    Path store = Files.createDirectory(directory.resolve("store"));
    int held = 0;
    for (int i = 0; i < 20 && held < 2; i++) {
      Running guard =
          GuardProcess.exec("--", "sh", "-c", "echo >ran").withStore(store).in(directory).start();
      Polling.until("a process is held", () -> isHeld(guard) || !guard.isAlive());
      guard.signal("STOP");
      boolean isHeld = isHeld(guard);
      child(guard, "java").ifPresent(server -> Signal.send("KILL", Long.toString(server.pid())));
      guard.signal("KILL");
      guard.await();
      held += isHeld && !exists("ran") ? 1 : 0;
      NothingLeft.awaitNoProcess();
      GuardProcess.of("ps").withStore(store).run();
      assertThat(directory.resolve("ran").toFile().delete() || !exists("ran")).isTrue();
    }
    assertThat(held).as("times that it was held").isPositive();
    awaitNoCgroup();
  }

  @Test
  void killedInTheMomentAProcessIsHeld() {
    int held = 0;
    for (int i = 0; i < 10; i++) {
      Running guard = GuardProcess.exec("--", "sh", "-c", "echo >ran").in(directory).start();
      // On a busy machine it can be released before we look again.
      Polling.until("a process is held", () -> isHeld(guard) || !guard.isAlive());
      guard.process().destroyForcibly();
      guard.await();
      NothingLeft.awaitNoProcess();
      held += exists("ran") ? 0 : 1;
      assertThat(directory.resolve("ran").toFile().delete() || !exists("ran")).isTrue();
    }
    assertThat(held).as("times that the command had not been released yet").isPositive();
    awaitNoCgroup();
  }

  @Test
  void killedAtAnyMoment() {
    List<Integer> delays = IntStream.range(0, 40).boxed().toList();
    Parallel.map(
            delays,
            i -> {
              Running guard = GuardProcess.exec("--", "sh", "-c", DAEMON).in(directory).start();
              LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(400) * 1_000_000L);
              guard.process().destroyForcibly();
              return guard.await().exit();
            })
        .forEach((i, exit) -> assertThat(exit).isEqualTo(137));
    NothingLeft.awaitNoProcess();
    awaitNoCgroup();
  }

  @ParameterizedTest
  @EnumSource
  void killedAfterRelease(Cgroups cgroups) {
    Running guard = cgroups.on(GuardProcess.exec("--", "sh", "-c", DAEMON)).in(directory).start();
    Polling.until("the daemon runs", () -> exists("ran") && exists("daemon"));
    guard.signal("KILL");
    guard.await();
    NothingLeft.awaitNoProcess();
    awaitNoCgroup();
  }

  @ParameterizedTest
  @EnumSource
  void killedWithItsWholeProcessGroup(Cgroups cgroups) {
    GuardProcess script =
        GuardProcess.script(
            "setsid sh -c 'echo $$ >group; \"$GUARD\" exec -- sh -c \"$1\"; :' x \"$1\"; exit 0",
            DAEMON);
    Running caller = cgroups.on(script).in(directory).start();
    Polling.until("the daemon runs", () -> exists("ran") && exists("daemon"));
    assertThat(Signal.send("KILL", "-" + content("group"))).isTrue();
    caller.await();
    NothingLeft.awaitNoProcess();
    awaitNoCgroup();
  }

  @Test
  void aCrashOfItsServerLeavesTheCommandAliveAndNoMarkAnywhere() throws IOException {
    Running guard =
        GuardProcess.exec(
                "--", "sh", "-c", "echo >ran; until [ -e go ]; do sleep 0.02; done; exit 7")
            .in(directory)
            .start();
    Polling.until("it runs", () -> exists("ran"));
    ProcessHandle server = child(guard, "java").orElseThrow();
    Signal.send("SEGV", Long.toString(server.pid()));
    Polling.until("the server has crashed", () -> !server.isAlive());
    Files.createFile(directory.resolve("go"));
    Finished f = guard.await();
    assertThat(f.exit()).isEqualTo(7);
    assertThat(f.output()).isEmpty();
    assertThat(f.errors()).isEmpty();
    awaitNoCgroup();
    assertThat(directory.toFile().list((d, name) -> name.startsWith("hs_err"))).isEmpty();
  }

  @Test
  void killedAfterAChildWithoutMarkHasLeftTheCgroup() {
    String leaves =
        "setpgrp; $0 = 'x' x 100000; while (1) {"
            + " for (glob '/sys/fs/cgroup/{.,*}/cgroup.procs') {"
            + "  open my $f, '>', $_ or next; syswrite $f, $$ }"
            + " if (!-e 'ran') { open my $ran, '>', 'new'; print $ran $$; close $ran; rename 'new', 'ran' }"
            + " select undef, undef, undef, 0.002 }";
    Running guard =
        GuardProcess.exec("--", "perl", "-e", "unless (fork) { " + leaves + " } sleep 300")
            .in(directory)
            .start();
    Polling.until("it runs", () -> exists("ran"));
    // Guard looks four times in a second, and tells the lifeline.
    ProcessHandle stray = ProcessHandle.of(Long.parseLong(content("ran"))).orElseThrow();
    Instant seen = stray.info().startInstant().orElseThrow().plusSeconds(2);
    Polling.until("guard has seen it", () -> Instant.now().isAfter(seen));
    guard.signal("KILL");
    guard.await();
    NothingLeft.awaitNoProcess();
    awaitNoCgroup();
  }

  @Test
  void killedWhileTheTreeForks() {
    Running guard =
        GuardProcess.exec(
                "--pids-max",
                "40",
                "--",
                "perl",
                "-e",
                "open my $f, '>', 'ran'; close $f; $SIG{CHLD} = 'IGNORE';"
                    + " while (1) { fork; setpgrp; select undef, undef, undef, 0.01 }")
            .in(directory)
            .start();
    Polling.until("it runs", () -> exists("ran"));
    guard.signal("KILL");
    guard.await();
    NothingLeft.awaitNoProcess();
    awaitNoCgroup();
  }

  /** A process that guard has started, by the program that it is now. */
  private static Optional<ProcessHandle> child(Running guard, String program) {
    return guard
        .process()
        .children()
        .filter(c -> c.info().command().filter(name -> name.endsWith("/" + program)).isPresent())
        .findFirst();
  }

  /** The server is a child of guard, too, and has become Java by then. */
  private static boolean isHeld(Running guard) {
    return child(guard, "java").isPresent() && child(guard, "guard").isPresent();
  }

  private void awaitNoCgroup() {
    Set<Path> left = new TreeSet<>(MachineRemains.cgroups());
    left.removeAll(cgroupsBefore);
    Polling.until(
        "no empty cgroup is left of " + left,
        () -> {
          // A cgroup of another guard on this machine comes and goes.
          left.retainAll(MachineRemains.cgroups());
          left.removeIf(cgroup -> !MachineRemains.isEmpty(cgroup));
          return left.isEmpty();
        });
  }

  private boolean exists(String name) {
    return Files.exists(directory.resolve(name));
  }

  private String content(String name) {
    try {
      return Files.readString(directory.resolve(name)).strip();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
