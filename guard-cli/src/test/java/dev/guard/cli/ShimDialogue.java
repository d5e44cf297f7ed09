package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;

/** A shim's connection, on the side of the gateway. */
final class ShimDialogue implements AutoCloseable {
  private final SocketChannel channel;

  ShimDialogue(SocketChannel channel) {
    this.channel = channel;
    try {
      channel.configureBlocking(false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads exactly so many bytes; false: the connection has ended before the first. */
  private boolean fill(ByteBuffer to) {
    boolean[] ended = {false};
    Polling.until(
        "the shim says more",
        () -> {
          if (to.hasRemaining()) {
            ended[0] = isAtEnd(to);
          }
          return ended[0] || !to.hasRemaining();
        });
    if (ended[0] && to.position() > 0) {
      throw new IllegalStateException("a frame was cut off");
    }
    return !ended[0];
  }

  private boolean isAtEnd(ByteBuffer to) {
    try {
      return channel.read(to) < 0;
    } catch (IOException e) {
      // It has ended with bytes unread.
      return true;
    }
  }

  /** The next frame, whatever it is. */
  WireFrame receive() {
    ByteBuffer head = ByteBuffer.allocate(5).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(fill(head)).as("the shim has said no more").isTrue();
    ByteBuffer payload = ByteBuffer.allocate(head.getInt(0) - 1);
    fill(payload);
    return WireFrame.of(head.get(4), payload.array());
  }

  /** The next frame, which is one of this type. */
  WireFrame expect(int type) {
    WireFrame frame = receive();
    assertThat(frame.type()).as("type of %s bytes", frame.payload().length).isEqualTo(type);
    return frame;
  }

  /** Waits for the end of the connection; nothing more has come. */
  void expectEnd() {
    assertThat(fill(ByteBuffer.allocate(1))).as("more has come").isFalse();
  }

  void send(WireFrame frame) {
    ByteBuffer bytes = ByteBuffer.wrap(frame.bytes());
    Polling.until(
        "the shim reads",
        () -> {
          channel.write(bytes);
          return !bytes.hasRemaining();
        });
  }

  /** Grants after HELLO, and answers the pid of the child that is held. */
  int hold(WireGrant grant) {
    expect(WireFrame.HELLO);
    send(grant.frame());
    return expect(WireFrame.HELD).takeU32();
  }

  /** Has the command run, and answers its pid. */
  int run(WireGrant grant) {
    int pid = hold(grant);
    send(WireFrame.of(WireFrame.RELEASE));
    expect(WireFrame.EXECED);
    return pid;
  }

  /** Answers the wait status once the main process has ended. */
  int ended() {
    return expect(WireFrame.ENDED).takeU32();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
