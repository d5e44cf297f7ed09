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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
        Files.deleteIfExists(base(version).get().resolve(NAME).resolve("main"));
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

  /**
   * As a grant has it: 1 and 2 are versions, 3 and 4 are of version 2 with their processes in a
   * leaf, where 4 is for a service manager to move them to.
   */
  private static Path make(int kind) throws IOException {
    int version = Math.min(kind, 2);
    Optional<Path> base = base(version);
    assumeTrue(base.isPresent(), "no cgroup of version " + version + " for tasks here");
    Path made = Files.createDirectory(base.get().resolve(NAME));
    if (kind >= 3) {
      Files.createDirectory(made.resolve("main"));
    }
    return made;
  }

  private static Path members(int kind, Path cgroup) {
    return (kind >= 3 ? cgroup.resolve("main") : cgroup).resolve("cgroup.procs");
  }

  /** A process of its own stays with them, with a gateway that tells it to and without any. */
  @ParameterizedTest
  @CsvSource({"false,false", "false,true", "true,false", "true,true"})
  void leftoversThatMayStayHaveAKeeper(boolean withCaller, boolean told) throws IOException {
    int kind = base(2).isPresent() ? 2 : 1;
    Path cgroup = make(kind);
    List<String> caller = List.of("sh", "-c", "\"$@\"; echo $?; exec sleep 600", "sh");
    Running shim = world.exec(caller, "sh", "-c", "setsid sleep 600 & exit 4").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.run(ShimWorld.grant().cgroup(kind, cgroup.toString()).keeping(withCaller));
      if (told) {
        gateway.ended();
        gateway.send(WireFrame.of(WireFrame.RESULT).u8(4).u32(4).str("").str(""));
        gateway.expectEnd();
      }
    }
    Polling.until("the shim has ended", () -> MachineRemains.text(shim.output()).equals("4\n"));
    String left = MachineRemains.text(members(kind, cgroup));
    assertThat(left).matches("\\d+\n");
    if (withCaller) {
      shim.signal("KILL");
    } else {
      Signal.send("KILL", left.strip());
    }
    Polling.until("its cgroup is removed", () -> !Files.exists(cgroup));
    assertThat(Store.lives(Long.parseLong(left.strip()))).isFalse();
    if (!withCaller) {
      assertThat(shim.isAlive()).isTrue();
      shim.signal("KILL");
    }
    shim.await();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void theChildIsInItBeforeItIsHeld(int kind) throws IOException {
    Path cgroup = make(kind);
    Running shim = world.exec("cat", "/proc/self/cgroup").start();
    try (ShimDialogue gateway = world.accept()) {
      int pid = gateway.hold(ShimWorld.grant().cgroup(kind, cgroup.toString()));
      assertThat(Files.readString(members(kind, cgroup))).isEqualTo(pid + "\n");
      gateway.send(WireFrame.of(WireFrame.RELEASE));
      gateway.expect(WireFrame.EXECED);
      gateway.ended();
      gateway.send(WireFrame.result(0, ""));
    }
    assertThat(shim.await().output()).contains("/" + NAME + (kind == 3 ? "/main\n" : "\n"));
  }

  @Test
  void whereAManagerMovesTheChildItJoinsNothing() throws IOException {
    Path cgroup = make(4);
    Running shim = world.exec("cat", "/proc/self/cgroup").start();
    try (ShimDialogue gateway = world.accept()) {
      int pid = gateway.hold(ShimWorld.grant().cgroup(4, cgroup.toString()));
      assertThat(Files.readString(members(4, cgroup))).isEmpty();
      assertThat(Files.readString(cgroup.resolve("cgroup.procs"))).isEmpty();
      Files.writeString(members(4, cgroup), "" + pid);
      gateway.send(WireFrame.of(WireFrame.RELEASE));
      gateway.expect(WireFrame.EXECED);
      gateway.ended();
      gateway.send(WireFrame.result(0, ""));
    }
    assertThat(shim.await().output()).contains("/" + NAME + "/main\n");
  }

  /** As filters and old kernels do. */
  @Test
  @Needs("strace")
  void whereTheKernelRefusesItJoinsByItself() throws IOException {
    Path cgroup = make(2);
    List<String> refusing =
        List.of(
            "strace -qq -o /dev/null -e trace=clone,clone3 -e inject=clone3:error=EPERM -e inject=clone:error=EINVAL:when=1"
                .split(" "));
    Running shim = world.exec(refusing, "cat", "/proc/self/cgroup").start();
    try (ShimDialogue gateway = world.accept()) {
      int pid = gateway.hold(ShimWorld.grant().cgroup(2, cgroup.toString()));
      assertThat(Files.readString(members(2, cgroup))).isEqualTo(pid + "\n");
      gateway.send(WireFrame.of(WireFrame.RELEASE));
      gateway.expect(WireFrame.EXECED);
      gateway.ended();
      gateway.send(WireFrame.result(0, ""));
    }
    assertThat(shim.await().output()).contains("/" + NAME + "\n");
  }

  /** One member is no child of the shim's and in another group: only by its cgroup it is found. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void whatIsInItWhenTheGatewayHasGoneIsEnded(int kind) throws Exception {
    Path cgroup = make(kind);
    Process other =
        new ProcessBuilder("sh", "-c", "trap '' TERM; while :; do sleep 0.1; done").start();
    try {
      Running shim = world.exec("sh", "-c", "exit 5").start();
      try (ShimDialogue gateway = world.accept()) {
        gateway.hold(ShimWorld.grant().cgroup(kind, cgroup.toString()).ends(0, 100));
        Files.writeString(members(kind, cgroup), "" + other.pid());
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
