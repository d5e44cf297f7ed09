package dev.guard.examples;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs an example in a JVM of its own. */
final class ExampleProgram {
  private static final Path V1_MEMORY = Path.of("/sys/fs/cgroup/memory/cgroup.procs");

  private ExampleProgram() {}

  /**
   * The words before a program that does not see a v1 hierarchy for memory; none if there is none.
   */
  static List<String> withoutV1Memory() {
    return Files.exists(V1_MEMORY)
        ? List.of(
            "unshare",
            "-m",
            "--propagation",
            "private",
            "sh",
            "-ec",
            "umount -l /sys/fs/cgroup/memory; exec \"$@\"",
            "sh")
        : List.of();
  }

  /** The lines that it prints. */
  static List<String> run(Class<?> example, List<String> before, String... arguments)
      throws IOException {
    List<String> all = new ArrayList<>(before);
    all.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    all.addAll(List.of("-cp", System.getProperty("java.class.path"), example.getName()));
    all.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(all).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (InputStream out = process.getInputStream()) {
      return new String(out.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}
