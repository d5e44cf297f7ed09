package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Builds small C programs and libraries that tests need, from {@code src/test/c}. */
final class TestProgram {
  private TestProgram() {}

  /** Compiles one into a directory. */
  static Path compile(Path directory, String name, String... options) {
    Path program = directory.resolve(name);
    List<String> words =
        Stream.concat(
                Stream.of("cc", "-O2", "-Wall", "-Werror", "-o", program.toString()),
                Stream.concat(Stream.of(options), Stream.of("src/test/c/" + name + ".c")))
            .toList();
    try {
      assertThat(new ProcessBuilder(words).inheritIO().start().waitFor()).as("%s", words).isZero();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(words.toString(), e);
    }
    return program;
  }
}
