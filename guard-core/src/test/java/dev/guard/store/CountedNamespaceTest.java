package dev.guard.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import dev.guard.testing.FakeOs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tells whether a store counts all commands there are, from files on disk. */
class CountedNamespaceTest {
  private static final String HOST =
      """
      22 27 0:21 / /proc rw - proc proc rw
      23 27 0:22 / /run rw - tmpfs tmpfs rw
      27 1 254:0 / / rw - ext4 /dev/vda rw
      """;
  // As unshare --mount-proc leaves it: a copy of the host's, and one more.
  private static final String UNSHARED = HOST + "40 22 0:40 / /proc rw - proc proc rw\n";
  private static final String CONTAINER = UNSHARED + "41 27 0:41 / /run rw - tmpfs tmpfs rw\n";

  // Of Docker, Podman and containerd: no runtime directory is mounted.
  private static final String ENGINE =
      """
      900 800 0:90 / / rw - overlay overlay rw
      901 900 0:91 / /proc rw - proc proc rw
      902 900 0:92 / /dev rw - tmpfs tmpfs rw
      """;
  // A sandbox that has bound the host's root, with what is mounted on that.
  private static final String BOUND =
      """
      900 800 254:0 / / rw - ext4 /dev/vda rw
      901 900 0:91 / /sys rw - sysfs sysfs rw
      902 900 0:92 / /proc rw - proc proc rw
      """;

  private final List<Integer> held = new ArrayList<>();

  @TempDir private Path root;
  private Path runtime;
  private Path first;
  private Path inner;

  @BeforeEach
  void stores() throws IOException {
    runtime = root.resolve("run");
    first = runtime.resolve("guard");
    inner = first.resolve("4026532000");
    Files.createDirectories(inner);
  }

  private String problem(Path store, int pid, int parent, String mountinfo) throws IOException {
    Path proc = root.resolve("proc");
    Files.createDirectories(proc.resolve(Integer.toString(pid)));
    Files.writeString(
        proc.resolve(pid + "/mountinfo"), mountinfo.replace(" /run ", " " + runtime + " "));
    Os real = Os.linux();
    Os os =
        new FakeOs()
            .on("pid", a -> pid)
            .on("parentPid", a -> parent)
            .on("open", a -> real.open((OsString) a[0], (int) a[1], (int) a[2]))
            .on("lock", a -> real.lock((int) a[0]))
            .on(
                "unlock",
                a -> {
                  real.unlock((int) a[0]);
                  return null;
                })
            .on(
                "close",
                a -> {
                  real.close((int) a[0]);
                  return null;
                })
            .os();
    return CountedNamespace.problem(os, new Procfs(proc), store);
  }

  @Test
  void inTheFirstNamespaceTheCountIsWholeUnlessOthersLiveElsewhere() throws IOException {
    assertThat(problem(first, 50, 40, HOST)).isEmpty();
    held.add(StorePresence.hold(Os.linux(), inner));
    assertThat(problem(first, 50, 40, HOST))
        .isEqualTo("counts only the commands of this pid namespace, and guards live in another");
  }

  @Test
  void inAnotherOneItIsNot() throws IOException {
    String partial = "counts only the commands of this pid namespace";
    assertThat(problem(inner, 50, 40, CONTAINER)).as("beside others").isEqualTo(partial);
    assertThat(problem(inner, 1, 0, UNSHARED)).as("with the host's /run").isEqualTo(partial);
    assertThat(problem(inner, 2, 1, UNSHARED)).as("with the host's /run").isEqualTo(partial);
    assertThat(problem(inner, 2, 1, BOUND)).as("with the host's root").isEqualTo(partial);
    assertThat(problem(inner, 1, 0, "")).as("without mounts to be seen").isEqualTo(partial);
  }

  @Test
  void theFirstProcessOfAContainerWithARunOfItsOwnIsAlone() throws IOException {
    assertThat(problem(inner, 1, 0, CONTAINER)).isEmpty();
    assertThat(problem(inner, 2, 1, CONTAINER)).as("its child").isEmpty();
    assertThat(problem(inner, 2, 1, ENGINE)).as("in a root of its own").isEmpty();
    held.add(StorePresence.hold(Os.linux(), first.resolve("4026531999")));
    assertThat(problem(inner, 1, 0, CONTAINER)).as("unless others live there").isNotEmpty();
  }

  @Test
  void anotherClockIsSaidToBeOne() throws IOException {
    Path clock = first.resolve("4026531836-4026532999");
    Files.createDirectories(clock);
    assertThat(problem(clock, 50, 40, HOST))
        .isEqualTo("counts only the commands of this time namespace");
  }

  @AfterEach
  void leave() throws IOException {
    for (int descriptor : held) {
      Os.linux().close(descriptor);
    }
  }
}
