package dev.guard.cli;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Holds a process that was started by {@link GuardProcess#start} and has not been waited for. */
record Running(Process process, Path output, Path errors, List<Path> files) {
  private static final int DEADLINE_SECONDS = 120;

  /** Guard's pid, when guard was called without a script around it. */
  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Sends a signal to guard alone. */
  void signal(String name) {
    Signal.send(name, Long.toString(pid()));
  }

  /** Waits for its end, which is to come by itself within the deadline. */
  Finished await() {
    try {
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        fail("no end within %s s; stderr: %s", DEADLINE_SECONDS, Files.readString(errors));
      }
      Finished finished =
          new Finished(process.exitValue(), Files.readAllBytes(output), Files.readAllBytes(errors));
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      return finished;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
