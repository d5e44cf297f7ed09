package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shim and real cgroups, of either version where this host has it. Needs root. */
@Needs("perl")
@ExtendWith(NothingLeft.class)
class ShimCgroupIT {
  private static final String NAME = "guard-shim-it-" + ProcessHandle.current().pid();

  @TempDir private Path directory;
  private ShimWorld world;

  @BeforeEach
  void make() {
    world = ShimWorld.in(directory);
  }

  @AfterEach
  void close() throws IOException {
    world.close();
    for (int version : List.of(1, 2)) {
      if (base(version).isPresent()) {
        Files.deleteIfExists(base(version).get().resolve(NAME));
      }
    }
  }

  /** The cgroup of this JVM, in a hierarchy that limits tasks, or in the unified one. */
  private static Optional<Path> base(int version) {
    List<String> mounts =
        MachineRemains.text(Path.of("/proc/self/mountinfo"))
            .lines()
            .filter(
                l ->
                    version == 2
                        ? l.contains(" - cgroup2 ")
                        : l.contains(" - cgroup ") && l.matches(".*[ ,]pids(,.*)?$"))
            .map(l -> l.split(" ", -1)[4])
            .toList();
    String own =
        MachineRemains.text(Path.of("/proc/self/cgroup"))
            .lines()
            .filter(l -> version == 2 ? l.startsWith("0::") : l.contains(":pids:"))
            .map(l -> l.substring(l.indexOf('/')))
            .findFirst()
            .orElse("/");
    return mounts.isEmpty() ? Optional.empty() : Optional.of(Path.of(mounts.get(0) + own));
  }

  private static Path make(int version) throws IOException {
    Optional<Path> base = base(version);
    assumeTrue(base.isPresent(), "no cgroup of version " + version + " for tasks here");
    return Files.createDirectory(base.get().resolve(NAME));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void theChildIsInItBeforeItIsHeld(int version) throws IOException {
    Path cgroup = make(version);
    Running shim = world.exec("cat", "/proc/self/cgroup").start();
    try (ShimDialogue gateway = world.accept()) {
      int pid = gateway.hold(ShimWorld.grant().cgroup(version, cgroup.toString()));
      assertThat(Files.readString(cgroup.resolve("cgroup.procs"))).isEqualTo(pid + "\n");
      gateway.send(WireFrame.of(WireFrame.RELEASE));
      gateway.expect(WireFrame.EXECED);
      gateway.ended();
      gateway.send(WireFrame.result(0, ""));
    }
    assertThat(shim.await().output()).contains("/" + NAME + "\n");
  }

  /** One member is no child of the shim's and in another group: only by its cgroup it is found. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void whatIsInItWhenTheGatewayHasGoneIsEnded(int version) throws Exception {
    Path cgroup = make(version);
    Process other =
        new ProcessBuilder("sh", "-c", "trap '' TERM; while :; do sleep 0.1; done").start();
    try {
      Running shim = world.exec("sh", "-c", "exit 5").start();
      try (ShimDialogue gateway = world.accept()) {
        gateway.hold(ShimWorld.grant().cgroup(version, cgroup.toString()).ends(0, 100));
        Files.writeString(cgroup.resolve("cgroup.procs"), "" + other.pid());
        gateway.send(WireFrame.of(WireFrame.RELEASE));
        gateway.expect(WireFrame.EXECED);
        gateway.ended();
      }
      Finished f = shim.await();
      assertThat(f.exit()).isEqualTo(5);
      assertThat(f.errors()).contains("what the command had left running was ended");
      assertThat(other.waitFor(30, TimeUnit.SECONDS)).as("it has ended").isTrue();
      assertThat(other.exitValue()).isEqualTo(128 + 9);
      assertThat(cgroup).doesNotExist();
    } finally {
      other.destroyForcibly().waitFor();
    }
  }
}
