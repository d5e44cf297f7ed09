package dev.guard.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/**
 * Makes a directory with a store, gates, a history and a working directory for a few guards alone,
 * whose budget has one place.
 */
record OwnStore(Path directory) {
  private static final boolean ROOT = System.getProperty("user.name").equals("root");

  /** Makes it. */
  static OwnStore in(Path directory) {
    try {
      Files.createDirectories(directory.resolve("work"));
      Files.createDirectory(
          directory.resolve("run"),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      return new OwnStore(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Calls guard with this store. The words of {@code before} come just before it. */
  GuardProcess on(GuardProcess guard, String... before) {
    guard.through(before);
    if (ROOT) {
      // Root's store is /run/guard whatever the environment says.
      String script = "mount --bind \"$0\" /run && exec \"$@\"";
      guard.through("unshare", "-m", "sh", "-c", script, directory.resolve("run").toString());
    }
    return withItsVariables(guard);
  }

  /** Calls guard with the variables that lead to this store. */
  GuardProcess withItsVariables(GuardProcess guard) {
    return guard
        .in(directory.resolve("work"))
        .with("XDG_RUNTIME_DIR", directory.resolve("run").toString())
        .with("XDG_STATE_HOME", directory.resolve("state").toString())
        .with("GUARD_BUDGET", "own")
        .with("GUARD_MAX_PROCESSES", "1")
        .with("GUARD_RATE_LIMIT", "0");
  }

  /**
   * Every file of the store, and every gate, by its name below the directory of both, but for the
   * one that guards lock while they live.
   */
  List<String> files() {
    Path run = directory.resolve("run");
    try (Stream<Path> all = Files.walk(run)) {
      return all.filter(p -> !Files.isDirectory(p) || p.getParent().equals(run))
          .map(p -> run.relativize(p).toString())
          .filter(name -> !name.equals("guard/alive"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Answers the log of a detached command; empty when there is none. */
  String log(String id) {
    return MachineRemains.text(directory.resolve("state/guard/logs/" + id + ".log"));
  }

  /** The lines of the history. */
  List<String> history() {
    return MachineRemains.text(directory.resolve("state/guard/events.jsonl")).lines().toList();
  }

  /** Answers what a command has written to a file in its directory; empty when there is none. */
  String work(String file) {
    return MachineRemains.text(directory.resolve("work").resolve(file));
  }

  /** Answers what is written in a file beside; empty when there is none. */
  String text(String file) {
    try {
      return Files.readString(directory.resolve(file), ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
