package dev.guard.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The packaged guard, called by a shell in a folder that is its home and its project. */
record ConfigScene(Path folder) {
  static final String USER_FILE = ".config/guard/config.toml";
  private static final Path GUARD = Path.of("target", "guard", "bin", "guard").toAbsolutePath();

  /** What a script left: its status and the lines of both streams. */
  record Result(int status, List<String> output, List<String> errors) {}

  ConfigScene file(String name, String... lines) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, Arrays.asList(lines));
    return this;
  }

  /** Runs {@code script}, in which {@code guard} is the packaged one. */
  Result run(String script, String... variables) throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    Path errors = folder.resolve("errors");
    ProcessBuilder builder =
        new ProcessBuilder("/bin/sh", "-c", "guard() { \"" + GUARD + "\" \"$@\"; }\n" + script);
    Map<String, String> environment = builder.environment();
    environment
        .keySet()
        .removeIf(n -> n.startsWith("GUARD_") || n.startsWith("CLAUDEX_") || n.startsWith("XDG_"));
    environment.put("HOME", folder.toString());
    for (int i = 0; i < variables.length; i += 2) {
      environment.put(variables[i], variables[i + 1]);
    }
    Process process =
        builder
            .directory(folder.toFile())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();
    if (!process.waitFor(1, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("still running after a minute: " + script);
    }
    return new Result(process.exitValue(), lines(output), lines(errors));
  }

  /** One character for each byte, so that nothing is lost. */
  private static List<String> lines(Path file) throws IOException {
    return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
  }
}
