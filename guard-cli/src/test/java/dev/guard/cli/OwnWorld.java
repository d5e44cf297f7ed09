package dev.guard.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A world with its own process 1, /run, and home of root, as a container has: a gateway may start
 * there by itself, and everything in it ends with its process 1. Needs root.
 */
final class OwnWorld implements AutoCloseable {
  private final Path directory;
  private final Running outside;
  private final long first;

  private OwnWorld(Path directory, Running outside, long first) {
    this.directory = directory;
    this.outside = outside;
    this.first = first;
  }

  /** Makes it, in an empty directory. */
  static OwnWorld in(Path directory) throws IOException {
    Files.createDirectories(directory.resolve("home"));
    String home = directory.resolve("home").toString();
    String passwd =
        Files.readString(Path.of("/etc/passwd"))
            .replaceFirst("^root:([^:]*:[^:]*:[^:]*:[^:]*):[^:]*", "root:$1:" + home);
    Files.writeString(directory.resolve("passwd"), passwd);
    String script =
        "mount -t tmpfs -o mode=755 none /run && mount --bind \"$0/passwd\" /etc/passwd"
            + " && echo up && exec sleep 600";
    Running outside =
        GuardProcess.program(
                Path.of("unshare"),
                List.of(
                    "-m",
                    "-p",
                    "-f",
                    "--mount-proc",
                    "--kill-child",
                    "sh",
                    "-c",
                    script,
                    directory.toString()))
            .start();
    Polling.until("the world is made", () -> MachineRemains.text(outside.output()).equals("up\n"));
    long first = outside.process().children().findFirst().orElseThrow().pid();
    return new OwnWorld(directory, outside, first);
  }

  /** Calls guard there, with no variable that leads elsewhere. The words come just before it. */
  GuardProcess calling(GuardProcess guard, String... before) {
    guard.through(before);
    return guard
        .through("nsenter", "-t", Long.toString(first), "-m", "-p")
        .in(directory)
        .without("GUARD_GATEWAY")
        .without("GUARD_BUDGET")
        .without("XDG_STATE_HOME")
        .without("XDG_RUNTIME_DIR")
        .with("HOME", home().toString());
  }

  /** Runs a shell script there, in which $GUARD is guard. */
  Finished run(String script, String... arguments) {
    return calling(GuardProcess.script(script, arguments)).run();
  }

  Path home() {
    return directory.resolve("home");
  }

  /** Names a file below /run there, as it is seen from here. */
  Path run(Path below) {
    return Path.of("/proc/" + first + "/root/run").resolve(below);
  }

  /** Answers what a process there says of itself, by its number there. */
  String proc(long process, String file) {
    return run("cat /proc/" + process + "/" + file).output();
  }

  Path log() {
    return home().resolve(".local/state/guard/gateway.log");
  }

  @Override
  public void close() {
    Signal.send("KILL", Long.toString(first));
    outside.await();
    try {
      NothingLeft.awaitNoProcess();
    } catch (UncheckedIOException e) {
      throw new AssertionError(e);
    }
  }
}
