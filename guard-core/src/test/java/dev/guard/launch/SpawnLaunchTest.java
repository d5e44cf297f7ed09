package dev.guard.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Os;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Checks the contract of launches for posix_spawn(3) in this process. */
class SpawnLaunchTest extends LaunchContract {
  private static ShellLifeline lifeline;
  private Path runtime;
  private Set<Integer> before;

  @BeforeAll
  static void start() throws Exception {
    lifeline = ShellLifeline.start(Os.linux());
  }

  @AfterAll
  static void stop() throws Exception {
    lifeline.close();
  }

  @Override
  Launch launch() throws Exception {
    runtime = Files.createDirectory(directory.resolve("runtime"));
    return new SpawnLaunch(os, procfs, lifeline, Optional.of(runtime.toString()));
  }

  /** A program of another test of this process may be about to end. */
  @BeforeEach
  void noteWhoIsThere() throws Exception {
    before = children();
  }

  /** Whatever became of the commands, no process and no gate of them is left. */
  @AfterEach
  void nothingIsLeft() throws Exception {
    Set<Integer> left = children();
    left.removeAll(before);
    assertThat(left).as("children of this process").isEmpty();
    try (Stream<Path> gates = Files.list(runtime)) {
      assertThat(gates).isEmpty();
    }
  }

  private Set<Integer> children() throws IOException {
    Set<Integer> children = new HashSet<>();
    for (int pid : procfs.pids()) {
      procfs.stat(pid).filter(s -> s.parent() == os.pid()).ifPresent(s -> children.add(s.pid()));
    }
    return children;
  }
}
