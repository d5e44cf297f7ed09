package dev.guard.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Opens files in whose place anything may be. */
@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OwnFilesTest {
  private static final Os OS = Os.linux();
  private static final int LIMIT = 10;

  @TempDir private Path directory;

  private Path file() {
    return directory.resolve("file");
  }

  private void assertUnusable(String why) {
    String message = file() + " can not be used: " + why + "; remove it";
    assertThatThrownBy(() -> OwnFiles.read(OS, file(), LIMIT)).hasMessage(message);
    assertThatThrownBy(() -> OwnFiles.input(OS, file(), LIMIT)).hasMessage(message);
    assertThatThrownBy(
            () ->
                OwnFiles.open(
                    OS, file(), DescriptorCalls.Open.WRITE | DescriptorCalls.Open.APPEND, LIMIT))
        .hasMessage(message);
  }

  @Test
  void aFileIsRead() throws IOException {
    assertThatThrownBy(() -> OwnFiles.read(OS, file(), LIMIT))
        .isInstanceOf(NoSuchFileException.class);
    Files.writeString(file(), "0123456789");
    assertThat(OwnFiles.readText(OS, file(), LIMIT)).isEqualTo("0123456789");
    try (InputStream in = OwnFiles.input(OS, file(), LIMIT)) {
      assertThat(in.readAllBytes()).hasSize(LIMIT);
    }
  }

  /** As it is refused by EAGAIN; an end would be a damaged file. */
  @Test
  void whatCanNotBeReadNowIsNotTheEnd() throws IOException {
    Files.writeString(file(), "0123456789");
    Os now =
        (Os)
            Proxy.newProxyInstance(
                Os.class.getClassLoader(),
                new Class<?>[] {Os.class},
                (proxy, method, words) ->
                    method.getName().equals("read") ? -1 : method.invoke(OS, words));
    assertThatThrownBy(() -> OwnFiles.read(now, file(), LIMIT))
        .hasMessageContaining(file() + " can not be read now");
    OsString name = OsString.of(file().toString());
    assertThatThrownBy(() -> RawFiles.read(now, name, LIMIT))
        .hasMessageContaining("can not be read now");
  }

  @Test
  void aFifoMakesNobodyWait() throws IOException {
    OS.makeFifo(OsString.of(file().toString()));
    assertUnusable("it is a FIFO");
  }

  @Test
  void aLinkIsNotFollowed() throws IOException {
    Files.createSymbolicLink(file(), Files.writeString(directory.resolve("other"), "x"));
    assertUnusable("it is a symbolic link");
  }

  @Test
  void aDirectoryIsNone() throws IOException {
    Files.createDirectory(file());
    assertUnusable("it is a directory");
  }

  @Test
  void aSocketIsNone() throws IOException {
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(file()));
      assertUnusable("it is a socket");
    }
  }

  @Test
  void aDeviceIsNone() {
    assertThatThrownBy(() -> OwnFiles.read(OS, Path.of("/dev/zero"), LIMIT))
        .hasMessage("/dev/zero can not be used: it is a device; remove it");
  }

  @Test
  void whatIsTooLargeIsNotRead() throws IOException {
    Files.writeString(file(), "0123456789a");
    assertUnusable("it has more than the 10 bytes that a guard writes");
  }

  @Test
  void anothersIsNotRead() throws IOException {
    // A file of root that all can read.
    Path others = Path.of("/etc/passwd");
    FakeUser user = new FakeUser();
    assertThatThrownBy(() -> OwnFiles.read(user.os(), others, 1 << 20))
        .hasMessage("/etc/passwd can not be used: it belongs to user 0; remove it");
  }

  /** The machine as it is, for another user than root. */
  private static final class FakeUser {
    Os os() {
      return (Os)
          java.lang.reflect.Proxy.newProxyInstance(
              Os.class.getClassLoader(),
              new Class<?>[] {Os.class},
              (proxy, method, arguments) ->
                  method.getName().equals("userId") ? 4711 : method.invoke(OS, arguments));
    }
  }

  @Test
  void whatIsNoTextIsNone() throws IOException {
    Files.write(file(), new byte[] {(byte) 0xff, (byte) 0xfe});
    assertThatThrownBy(() -> OwnFiles.readText(OS, file(), LIMIT))
        .hasMessage(file() + " can not be used: it is no text in UTF-8; remove it");
  }

  @Test
  void whatIsWrittenReplacesWhateverIsThere() throws IOException {
    Path fresh = directory.resolve("fresh");
    Path other = Files.writeString(directory.resolve("other"), "x");
    Files.createSymbolicLink(fresh, other);
    OS.makeFifo(OsString.of(file().toString()));
    OwnFiles.replace(OS, file(), fresh, new byte[] {'a'});
    assertThat(file()).isRegularFile().hasContent("a");
    assertThat(other).hasContent("x");
    OS.makeFifo(OsString.of(fresh.toString()));
    OwnFiles.replace(OS, file(), fresh, new byte[] {'b'});
    assertThat(file()).hasContent("b");
    Files.createDirectory(fresh);
    OwnFiles.replace(OS, file(), fresh, new byte[] {'c'});
    assertThat(file()).hasContent("c");
    assertThat(fresh).doesNotExist();
  }

  @Test
  void onlyADirectoryIsListed() throws IOException {
    assertThat(OwnFiles.list(OS, file())).isEmpty();
    OS.makeFifo(OsString.of(file().toString()));
    assertThatThrownBy(() -> OwnFiles.list(OS, file()))
        .hasMessage(file() + " is no directory; remove it");
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory);
    assertThatThrownBy(() -> OwnFiles.list(OS, link))
        .hasMessage(link + " is no directory; remove it");
  }
}
