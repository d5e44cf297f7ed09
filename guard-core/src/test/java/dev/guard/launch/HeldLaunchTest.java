package dev.guard.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Os;
import dev.guard.os.Procfs;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Checks the contract of launches for the native program that is a process until its exec. */
class HeldLaunchTest extends LaunchContract {
  private static ShellLifeline lifeline;
  private static Launch launch;

  @BeforeAll
  static void start() throws Exception {
    Os os = Os.linux();
    lifeline = ShellLifeline.start(os);
    launch =
        HeldLaunch.orElse(
            new SpawnLaunch(os, Procfs.system(), lifeline, Optional.empty()),
            os,
            Procfs.system(),
            lifeline);
    assertThat(launch).isInstanceOf(HeldLaunch.class);
  }

  @AfterAll
  static void stop() throws Exception {
    launch.close();
    lifeline.close();
  }

  @Override
  Launch launch() {
    return launch;
  }
}
