package dev.guard.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.os.Cgroupfs;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import dev.guard.testing.FakeOs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who has connected is not taken for a later process with the same number. */
class PeerProcessTest {
  private static final int PIDFD = 5;

  @TempDir private Path proc;
  private boolean ended;
  private int closed;
  private final FakeOs os =
      new FakeOs()
          .on("peerPidfd", a -> PIDFD)
          .on("poll", a -> new boolean[] {((int[]) a[0])[0] == PIDFD && ended})
          .on("close", a -> closed = (int) a[0]);

  @BeforeEach
  void make() throws IOException {
    started(50);
  }

  private void started(int time) throws IOException {
    Path directory = Files.createDirectories(proc.resolve("7"));
    Files.writeString(
        directory.resolve("stat"),
        "7 (x) S 1 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 " + time + " 0 0\n");
  }

  private PeerProcess peer() throws IOException {
    return PeerProcess.of(new Kernel(os.os(), new Procfs(proc), Cgroupfs.system()), 3, 7);
  }

  /** Its number is another's already, which the pidfd alone knows. */
  @Test
  void oneThatHasGoneBeforeItIsLookedAtIsNotTaken() {
    ended = true;
    assertThatThrownBy(this::peer).hasMessageContaining("process 7, which has connected, has gone");
    assertThat(closed).isEqualTo(PIDFD);
  }

  @Test
  void oneThatHasGoneMeanwhileIsNoticed() throws IOException {
    PeerProcess peer = peer();
    peer.requireThere();
    ended = true;
    assertThatThrownBy(peer::requireThere).hasMessageContaining("has gone");
    peer.close();
    assertThat(closed).isEqualTo(PIDFD);
  }

  @Test
  void withoutAPidfdItIsKnownByItsStart() throws IOException {
    os.on("peerPidfd", a -> -1);
    try (PeerProcess peer = peer()) {
      peer.requireThere();
      started(51);
      assertThatThrownBy(peer::requireThere).hasMessageContaining("has gone");
    }
    assertThat(closed).isZero();
  }

  @Test
  void theKernelsOwnIsThePeers() throws IOException {
    Os real = Os.linux();
    Path socket = proc.resolve("s");
    int listening = real.listen(OsString.of(socket.toString()), 1);
    int client = real.connect(OsString.of(socket.toString()));
    int connection = real.accept(listening).orElseThrow();
    try (PeerProcess peer = PeerProcess.of(Kernel.system(), connection, real.pid())) {
      peer.requireThere();
      assertThat(peer.id().pid()).isEqualTo(real.pid());
    } finally {
      for (int descriptor : new int[] {connection, client, listening}) {
        real.close(descriptor);
      }
    }
  }
}
