package dev.guard.os;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.testing.FakeOs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows which processes get a signal, and in which order. */
class ProcessIdTest {
  private static final ProcessId PROCESS = new ProcessId(7, 50);

  @TempDir private Path proc;
  private final List<String> done = new ArrayList<>();
  private final FakeOs os =
      new FakeOs()
          .on("pidfd", a -> (int) a[0] + 100)
          .on("close", a -> done.add("close " + a[0]))
          .on("signal", a -> done.add("signal " + a[0]))
          .on("kill", a -> done.add("kill " + a[0]));

  private boolean signal(int start) throws IOException {
    Path directory = Files.createDirectories(proc.resolve("7"));
    Files.writeString(
        directory.resolve("stat"),
        "7 (x) S 1 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 " + start + " 0 0\n");
    return PROCESS.signal(os.os(), new Procfs(proc), Signals.TERM);
  }

  @Test
  void itIsSignalledByADescriptorThatNoOtherCanHave() throws IOException {
    assertThat(signal(50)).isTrue();
    assertThat(done).containsExactly("signal 107", "close 107");
  }

  @Test
  void anotherWithItsNumberIsNot() throws IOException {
    assertThat(signal(51)).isFalse();
    assertThat(done).containsExactly("close 107");
  }

  @Test
  void withoutADescriptorItIsSignalledAllTheSame() throws IOException {
    os.on(
        "pidfd",
        a -> {
          throw new OsException("pidfd_open", 24, "Too many open files");
        });
    assertThat(signal(50)).isTrue();
    assertThat(signal(51)).isFalse();
    assertThat(done).containsExactly("kill 7");
  }

  @Test
  void whereACallIsRefusedItIsSignalledAllTheSame() throws IOException {
    os.on("pidfd", a -> -1);
    assertThat(signal(50)).isTrue();
    assertThat(signal(51)).isFalse();
    assertThat(done).containsExactly("kill 7");
    done.clear();
    os.on("pidfd", a -> 107)
        .on(
            "signal",
            a -> {
              throw new OsException("pidfd_send_signal", Errno.EPERM, "Operation not permitted");
            });
    assertThat(signal(50)).isTrue();
    assertThat(signal(51)).isFalse();
    assertThat(done).containsExactly("kill 7", "close 107", "close 107");
  }

  @Test
  void theOlderOneComesFirst() {
    ProcessId older = new ProcessId(900, 49);
    ProcessId sibling = new ProcessId(8, 50);
    assertThat(new TreeSet<>(List.of(sibling, PROCESS, older)))
        .containsExactly(older, PROCESS, sibling);
  }
}
