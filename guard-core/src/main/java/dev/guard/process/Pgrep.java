package dev.guard.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Asks pgrep(1) for the children of one generation after the other, where there is no /proc
 * (macOS). The count may have processes that have ended and were not waited for yet.
 */
final class Pgrep implements Descendants {
  static final Path PROGRAM = Path.of("/usr/bin/pgrep");
  private static final int SOME = 0;
  private static final int NONE = 1;

  private final Path program;

  Pgrep(Path program) {
    this.program = program;
  }

  @Override
  public Set<Integer> of(Set<Integer> roots) throws IOException {
    Set<Integer> known = new HashSet<>(roots);
    Set<Integer> generation = roots;
    while (!generation.isEmpty()) {
      generation = children(generation);
      generation.removeAll(known);
      known.addAll(generation);
    }
    known.removeAll(roots);
    return known;
  }

  private Set<Integer> children(Set<Integer> parents) throws IOException {
    String list =
        new TreeSet<>(parents).stream().map(String::valueOf).collect(Collectors.joining(","));
    Process pgrep =
        new ProcessBuilder(List.of(program.toString(), "-P", list))
            .redirectErrorStream(true)
            .start();
    pgrep.getOutputStream().close();
    String output = new String(pgrep.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = waitFor(pgrep);
    if (status != SOME && status != NONE) {
      throw failure(list, "exit status " + status + ": " + output.strip());
    }
    try {
      return output.lines().map(Integer::valueOf).collect(Collectors.toCollection(HashSet::new));
    } catch (NumberFormatException e) {
      throw failure(list, "it wrote " + output.strip());
    }
  }

  private IOException failure(String list, String what) {
    return new IOException(
        "processes can not be counted: " + program + " -P " + list + ": " + what);
  }

  private int waitFor(Process pgrep) throws IOException {
    try {
      return pgrep.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + program + " ran", e);
    }
  }
}
