package dev.guard.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.os.Os;
import dev.guard.os.OsString;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that is on its way to its end is told from one that does not answer. */
@Timeout(60)
class TmuxTest {
  @TempDir private Path directory;
  private ServerSocketChannel server;

  private Tmux tmux(Duration patience, String script) throws IOException {
    Path program = directory.resolve("tmux");
    Files.writeString(program, "#!/bin/sh\nsocket=$2\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return new Tmux(
        Os.linux(),
        OsString.of(program.toString()),
        List.of(OsString.of("PATH=/usr/bin:/bin")),
        directory.resolve("socket"),
        patience);
  }

  @BeforeEach
  void listen() throws IOException {
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(directory.resolve("socket")));
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  /** A server that ends drops its clients first, and still listens. */
  @Test
  void whoEndsMeanwhileIsGone() throws IOException {
    String dropsTheFirst =
        "if [ -e $0.asked ]; then rm $socket; else : >$0.asked; fi; echo lost server >&2; exit 1";
    Tmux tmux = tmux(Duration.ofSeconds(30), dropsTheFirst);
    assertThat(tmux.show("a")).isEqualTo(Tmux.Panes.NONE);
    assertThat(tmux.server()).isEmpty();
  }

  /** The client is in its hands, and gets no answer any more. */
  @Test
  void whoEndsWithoutAnAnswerIsGone() throws IOException {
    Tmux tmux = tmux(Duration.ofSeconds(3), "rm $socket; exec sleep 300");
    assertThat(tmux.show("a")).isEqualTo(Tmux.Panes.NONE);
  }

  @Test
  void whoIsThereAndDoesNotAnswerIsSilent() throws IOException {
    Tmux hangs = tmux(Duration.ofMillis(300), "exec sleep 300");
    assertThatThrownBy(() -> hangs.show("a"))
        .isInstanceOf(Tmux.SilentException.class)
        .hasMessageContaining("does not answer");
  }

  @Test
  void whoIsThereAndCanNotBeAskedIsSilentToo() throws IOException {
    Tmux refuses = tmux(Duration.ofMillis(300), "echo no >&2; exit 1");
    assertThatThrownBy(() -> refuses.show("a")).isInstanceOf(Tmux.SilentException.class);
  }
}
