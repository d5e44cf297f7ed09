package dev.guard.cli.doctor.agent;

import dev.guard.os.Kernel;
import dev.guard.os.OsString;
import dev.guard.os.ProgramResult;
import dev.guard.os.ProgramRunner;
import dev.guard.value.Environment;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A network namespace that has loopback alone, so that no agent reaches anybody. */
final class LoopbackNetwork {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String REFUSED =
      "no network namespace with loopback alone can be made here (%s); with --network the agent runs"
          + " with the network that there is";

  private final Kernel kernel;
  private final Environment environment;

  LoopbackNetwork(Kernel kernel, Environment environment) {
    this.kernel = kernel;
    this.environment = environment;
  }

  /** Tells whether this process has no network but loopback. */
  boolean isHere() throws IOException {
    List<String> interfaces =
        kernel
            .procfs()
            .systemText("self/net/dev")
            .lines()
            .filter(l -> l.contains(":"))
            .map(l -> l.substring(0, l.indexOf(':')).strip())
            .toList();
    return interfaces.equals(List.of("lo"));
  }

  /**
   * Becomes another call of guard, in a new namespace; this method returns only by an exception.
   *
   * @param guard the program
   * @param arguments of this call
   */
  void enter(Path guard, List<OsString> arguments) throws IOException {
    OsString unshare = unshare();
    List<OsString> words = new ArrayList<>(List.of(unshare));
    // A user has the right to do so in a user namespace; the id stays what it is.
    Stream<String> options =
        kernel.os().userId() == 0
            ? Stream.of("--net")
            : Stream.of("--user", "--map-current-user", "--keep-caps", "--net");
    options.map(OsString::of).forEach(words::add);
    List<OsString> probe = new ArrayList<>(words);
    probe.add(OsString.of("true"));
    ProgramResult tried = ProgramRunner.run(kernel.os(), probe, environment.entries(), PATIENCE);
    if (tried.status() != 0) {
      throw new IOException(String.format(REFUSED, tried.errors().strip()));
    }
    words.add(OsString.of(guard.toString()));
    words.addAll(arguments);
    kernel.os().exec(unshare, words, environment.entries());
  }

  private OsString unshare() throws IOException {
    String path = environment.get("PATH").map(OsString::toString).orElse("/usr/bin:/bin");
    Optional<OsString> found =
        Stream.of(path.split(":", -1))
            .filter(d -> d.startsWith("/"))
            .map(d -> OsString.of(d + "/unshare"))
            .filter(p -> kernel.os().executable(p) == 0)
            .findFirst();
    return found.orElseThrow(
        () -> new IOException(String.format(REFUSED, "there is no unshare in PATH")));
  }
}
