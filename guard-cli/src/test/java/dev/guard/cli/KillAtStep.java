package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs the program src/test/c/kill-at-step.c, which kills guard when it is about to make its N-th
 * step.
 */
final class KillAtStep {
  /** A word that is in the command line of every JVM of a guard. */
  static final String ANY_GUARD = "guard-cli.jar";

  /** A word that is only in that of the one that stays with a detached command. */
  static final String DETACHED_GUARD = "detached";

  private static final Path SOURCE = Path.of("src/test/c/kill-at-step.c");

  private final Path program;

  /** Compiles it. */
  KillAtStep(Path directory) {
    program = directory.resolve("kill-at-step");
    try {
      List<String> compiler =
          List.of("cc", "-O2", "-Wall", "-Werror", "-o", program.toString(), SOURCE.toString());
      int status = new ProcessBuilder(compiler).inheritIO().start().waitFor();
      assertThat(status).as("exit status of %s", compiler).isZero();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The words before those of the program, see there. */
  String[] words(Path report, int step, String word) {
    return Stream.of(program, report, step, word).map(Object::toString).toArray(String[]::new);
  }
}
