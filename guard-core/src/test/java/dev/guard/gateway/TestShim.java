package dev.guard.gateway;

import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Speaks to a server as a shim does, frame by frame. */
final class TestShim implements AutoCloseable {
  private static final Os OS = Os.linux();
  private static final int PATIENCE_MILLIS = 10_000;

  private final int descriptor;
  private boolean closed;
  private final FrameReader frames = new FrameReader();

  private TestShim(int descriptor) {
    this.descriptor = descriptor;
  }

  static TestShim connect(Path socket) throws OsException {
    return new TestShim(OS.connect(OsString.of(socket.toString())));
  }

  void send(byte[] bytes) throws OsException {
    OS.write(descriptor, bytes);
  }

  void sayHello(String... words) throws OsException {
    List<OsString> arguments = List.of(words).stream().map(OsString::of).toList();
    send(
        new FrameWriter(Frame.HELLO)
            .u32(1)
            .u64(0)
            .u64(0)
            .u32(0)
            .string(OsString.of("/"))
            .u32(words.length)
            .strings(arguments)
            .strings(List.of())
            .u32(0)
            .frame());
  }

  /** Waits for a frame; empty when the server has hung up. */
  Optional<Frame> next() throws IOException {
    byte[] buffer = new byte[8192];
    Optional<Frame> frame = frames.next();
    while (frame.isEmpty()) {
      if (!OS.poll(new int[] {descriptor}, PATIENCE_MILLIS)[0]) {
        throw new AssertionError("the server says nothing and does not hang up");
      }
      int count;
      try {
        count = OS.read(descriptor, buffer);
      } catch (OsException e) {
        // ECONNRESET: it has hung up without reading all that was sent.
        return Optional.empty();
      }
      if (count == 0) {
        return Optional.empty();
      }
      frames.add(buffer, count);
      frame = frames.next();
    }
    return frame;
  }

  @Override
  public void close() throws OsException {
    hangUp();
  }

  /** Closes the connection; a second time has no effect. */
  void hangUp() throws OsException {
    if (!closed) {
      closed = true;
      OS.close(descriptor);
    }
  }
}
