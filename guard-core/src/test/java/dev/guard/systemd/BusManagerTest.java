package dev.guard.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.os.Os;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Asks a service manager that the test plays, at a socket of its own. */
class BusManagerTest {
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir private Path directory;
  private ServerSocketChannel listening;

  /** What has come: the head's fields and the body's values. */
  private record Call(String path, String member, long serial, List<Object> body) {}

  /** One connection, on the side of the manager. */
  private static final class Side {
    private final SocketChannel channel;
    private final DataInputStream in;

    Side(SocketChannel channel) {
      this.channel = channel;
      this.in = new DataInputStream(Channels.newInputStream(channel));
    }

    String line() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      int one = in.read();
      while (one != '\n' && one >= 0) {
        line.write(one);
        one = in.read();
      }
      return line.toString(StandardCharsets.US_ASCII);
    }

    void letIn() throws IOException {
      assertThat(line()).startsWith("\0AUTH EXTERNAL ").endsWith("\r");
      send("OK 0123456789abcdef\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(line()).isEqualTo("BEGIN\r");
    }

    void send(byte[] bytes) throws IOException {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    }

    Call next() throws IOException {
      byte[] head = in.readNBytes(16);
      ByteBuffer numbers = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
      int fields = (numbers.getInt(12) + 7) / 8 * 8;
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      whole.write(head);
      whole.write(in.readNBytes(fields));
      List<Object> values =
          new DBusReader(whole.toByteArray(), ByteOrder.LITTLE_ENDIAN).values("yyyyuua(yv)");
      byte[] body = in.readNBytes(numbers.getInt(4));
      return new Call(
          field(values, 1),
          field(values, 3),
          (Long) values.get(5),
          new DBusReader(body, ByteOrder.LITTLE_ENDIAN).values(field(values, 8)));
    }

    private static String field(List<Object> head, long code) {
      for (Object field : (List<?>) head.get(6)) {
        if (((List<?>) field).get(0).equals(code)) {
          return ((List<?>) field).get(1).toString();
        }
      }
      return "";
    }

    void answer(Call call, String signature, DBusWriter body) throws IOException {
      send(2, call, "", signature, body);
    }

    void refuse(Call call, String error, String why) throws IOException {
      send(3, call, error, "s", new DBusWriter().string(why));
    }

    void send(int type, Call call, String error, String signature, DBusWriter body)
        throws IOException {
      DBusWriter head = new DBusWriter().u8('l').u8(type).u8(0).u8(1);
      head.u32(body.bytes().length).u32(1);
      head.array(
          8,
          () -> {
            head.align(8).u8(5).signature("u").u32((int) call.serial());
            if (!error.isEmpty()) {
              head.align(8).u8(4).signature("s").string(error);
            }
            head.align(8).u8(8).signature("g").signature(signature);
          });
      send(head.align(8).raw(body.bytes()).bytes());
    }
  }

  /** What the manager does on its connections, the first, the second and so on. */
  @FunctionalInterface
  private interface Part {
    void play(Side side) throws IOException;
  }

  @BeforeEach
  void listen() throws IOException {
    listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listening.bind(UnixDomainSocketAddress.of(socket()));
  }

  @AfterEach
  void close() throws IOException {
    listening.close();
  }

  private Path socket() {
    return directory.resolve("private");
  }

  /** Plays the parts, one connection each; what fails in one comes out of the queue. */
  private BlockingQueue<Object> play(Part... parts) {
    BlockingQueue<Object> ended = new LinkedBlockingQueue<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                for (Part part : parts) {
                  try (SocketChannel channel = listening.accept()) {
                    part.play(new Side(channel));
                  }
                }
                ended.add("all");
              } catch (ClosedChannelException e) {
                ended.add("closed");
              } catch (IOException | RuntimeException | Error e) {
                ended.add(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return ended;
  }

  private static void finish(BlockingQueue<Object> ended) throws InterruptedException {
    assertThat(ended.poll(20, TimeUnit.SECONDS)).isEqualTo("all");
  }

  private BusManager manager(Duration patience) {
    return new BusManager(Os.linux(), socket(), false, patience);
  }

  private static void untilClosed(Side side) throws IOException {
    InputStream in = side.in;
    while (in.read() >= 0) {
      continue;
    }
  }

  @Test
  void aCallHasItsValuesAndItsReplyAndTheConnectionStays() throws Exception {
    BlockingQueue<Object> ended =
        play(
            side -> {
              side.letIn();
              Call attach = side.next();
              assertThat(attach.member()).isEqualTo("AttachProcessesToUnit");
              assertThat(attach.body())
                  .containsExactly("a.service", "/guard/cmd_1/main", List.of(4711L));
              // A signal, which nobody has asked for.
              side.send(4, new Call("", "", 0, List.of()), "", "s", new DBusWriter().string("x"));
              side.answer(attach, "", new DBusWriter());
              Call get = side.next();
              assertThat(get.member()).isEqualTo("GetAll");
              assertThat(get.path()).isEqualTo("/org/freedesktop/systemd1/unit/a_2d1_2eservice");
              assertThat(get.body()).containsExactly("org.freedesktop.systemd1.Service");
              DBusWriter body = new DBusWriter();
              body.array(8, () -> body.align(8).string("MainPID").signature("u").u32(12));
              side.answer(get, "a{sv}", body);
            });
    BusManager manager = manager(LONG);
    manager.attach("a.service", Path.of("/guard/cmd_1/main"), 4711);
    assertThat(manager.properties("a-1.service")).isEqualTo(Map.of("MainPID", 12L));
    finish(ended);
  }

  @Test
  void aRefusalIsToldAndTheConnectionStays() throws Exception {
    BlockingQueue<Object> ended =
        play(
            side -> {
              side.letIn();
              side.refuse(side.next(), "org.freedesktop.DBus.Error.AccessDenied", "not yours");
              side.refuse(side.next(), "org.freedesktop.systemd1.UnitExists", "it is there");
              Call start = side.next();
              assertThat(start.body().get(2))
                  .isEqualTo(List.of(List.of("Delegate", true), List.of("TasksMax", 7L)));
              side.answer(start, "o", new DBusWriter().string("/job"));
            });
    BusManager manager = manager(LONG);
    assertThatThrownBy(() -> manager.stop("a.service")).hasMessage("not yours");
    List<UnitProperty> properties =
        List.of(UnitProperty.flag("Delegate", true), UnitProperty.number("TasksMax", 7));
    assertThat(manager.start("a.service", properties)).isFalse();
    assertThat(manager.start("a.service", properties)).isTrue();
    finish(ended);
  }

  @Test
  void afterARestartItIsAskedAnew() throws Exception {
    Part once =
        side -> {
          side.letIn();
          side.answer(side.next(), "o", new DBusWriter().string("/job"));
        };
    BlockingQueue<Object> ended = play(once, once, once);
    BusManager manager = manager(LONG);
    manager.stop("a.service");
    manager.stop("a.service");
    manager.stop("a.service");
    finish(ended);
  }

  @Test
  void whoSaysNothingHoldsNobodyUpAndIsAskedAgain() throws Exception {
    BlockingQueue<Object> ended =
        play(
            BusManagerTest::untilClosed,
            side -> {
              side.letIn();
              side.next();
              untilClosed(side);
            },
            side -> {
              side.letIn();
              side.answer(side.next(), "o", new DBusWriter().string("/job"));
            });
    BusManager manager = manager(SHORT);
    assertThatThrownBy(() -> manager.stop("a.service"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(socket() + " was not asked for StopUnit: it does not answer in time");
    assertThatThrownBy(() -> manager.stop("a.service")).hasMessageContaining("in time");
    manager.stop("a.service");
    finish(ended);
  }

  /** A manager keeps the signals that are not read. */
  @Test
  void aConnectionThatIsNotUsedIsClosed() throws Exception {
    BlockingQueue<Object> ended =
        play(
            side -> {
              side.letIn();
              side.answer(side.next(), "o", new DBusWriter().string("/job"));
              side.answer(side.next(), "o", new DBusWriter().string("/job"));
              untilClosed(side);
            },
            side -> {
              side.letIn();
              side.answer(side.next(), "o", new DBusWriter().string("/job"));
            });
    BusManager manager = manager(LONG);
    manager.rest();
    manager.stop("a.service");
    manager.rest();
    manager.stop("a.service");
    manager.rest();
    manager.rest();
    manager.stop("a.service");
    finish(ended);
  }

  @Test
  void whereNobodyListensItSaysSo() throws Exception {
    listening.close();
    assertThatThrownBy(() -> manager(LONG).stop("a.service"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Connection refused");
  }

  @Test
  void aBusIsGreetedFirst() throws Exception {
    BlockingQueue<Object> ended =
        play(
            side -> {
              side.letIn();
              Call hello = side.next();
              assertThat(hello.member()).isEqualTo("Hello");
              side.answer(hello, "s", new DBusWriter().string(":1.7"));
              side.answer(side.next(), "o", new DBusWriter().string("/job"));
            });
    new BusManager(Os.linux(), socket(), true, LONG).stop("a.service");
    finish(ended);
  }

  @Test
  void garbageEndsTheConnectionAndNothingElse() throws Exception {
    BlockingQueue<Object> ended =
        play(
            side -> {
              side.letIn();
              side.next();
              side.send(new byte[] {'l', 2, 0, 1, -1, -1, -1, 127, 0, 0, 0, 0, 0, 0, 0, 0});
              untilClosed(side);
            },
            side -> {
              assertThat(side.line()).startsWith("\0AUTH");
              side.send("REJECTED EXTERNAL\r\n".getBytes(StandardCharsets.US_ASCII));
              untilClosed(side);
            });
    BusManager manager = manager(LONG);
    assertThatThrownBy(() -> manager.stop("a.service"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a D-Bus message of ");
    assertThatThrownBy(() -> manager.stop("a.service")).hasMessageContaining("REJECTED EXTERNAL");
    finish(ended);
  }
}
