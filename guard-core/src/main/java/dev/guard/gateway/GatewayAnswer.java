package dev.guard.gateway;

import dev.guard.os.Os;
import dev.guard.os.OsException;
import java.io.IOException;
import java.util.Optional;

/**
 * An answer of a gateway says how it is.
 *
 * @param pid its process
 * @param told what it says of itself; empty: it says nothing in time, or is older than the question
 */
public record GatewayAnswer(int pid, Optional<State> told) {
  // A gateway answers in less than a millisecond, unless it is stopped.
  private static final int PATIENCE_MILLIS = 2_000;

  /**
   * A state is what a gateway tells of itself.
   *
   * @param commands how many commands of its callers live
   * @param version the version of guard that it is
   */
  public record State(int commands, String version) {}

  static GatewayAnswer of(Os os, int connection, int pid) throws IOException {
    try {
      os.write(connection, new FrameWriter(Frame.STATUS).frame());
      return new GatewayAnswer(pid, read(os, connection));
    } catch (OsException e) {
      // It has hung up, as one that does not know the question does.
      return new GatewayAnswer(pid, Optional.empty());
    }
  }

  private static Optional<State> read(Os os, int connection) throws IOException {
    FrameReader frames = new FrameReader();
    byte[] buffer = new byte[1024];
    Optional<Frame> frame = frames.next();
    while (frame.isEmpty()) {
      if (!os.poll(new int[] {connection}, PATIENCE_MILLIS)[0]) {
        return Optional.empty();
      }
      int count = os.read(connection, buffer);
      if (count <= 0) {
        return Optional.empty();
      }
      frames.add(buffer, count);
      frame = frames.next();
    }
    FieldReader fields = new FieldReader(frame.get());
    State state = new State(fields.u32(), fields.string().toString());
    fields.end();
    return Optional.of(state);
  }
}
