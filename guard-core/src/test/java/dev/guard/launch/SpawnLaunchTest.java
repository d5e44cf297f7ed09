package dev.guard.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Os;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** Checks the contract of launches for posix_spawn(3) in this process. */
class SpawnLaunchTest extends LaunchContract {
  private static ShellLifeline lifeline;
  private Path runtime;

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

  @AfterEach
  void noGateIsLeft() throws IOException {
    try (Stream<Path> gates = Files.list(runtime)) {
      assertThat(gates).isEmpty();
    }
  }
}
