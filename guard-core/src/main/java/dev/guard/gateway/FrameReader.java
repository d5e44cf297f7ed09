package dev.guard.gateway;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/** Cuts the bytes of one connection into frames, however they arrive. */
final class FrameReader {
  /** The most bytes that a frame of a shim may have after its length. */
  static final int MOST_BYTES = 1 << 20;

  private static final int LENGTH_BYTES = 4;

  private final int most;
  private byte[] bytes = new byte[512];
  private int begin;
  private int end;

  /** Reads frames of whoever connects. */
  FrameReader() {
    this(MOST_BYTES);
  }

  /** Reads frames of at most so many bytes. */
  FrameReader(int most) {
    this.most = most;
  }

  /** Takes the first {@code count} bytes of what was read. */
  void add(byte[] read, int count) {
    if (end + count > bytes.length) {
      int kept = end - begin;
      byte[] larger = kept + count > bytes.length ? new byte[2 * (kept + count)] : bytes;
      System.arraycopy(bytes, begin, larger, 0, kept);
      bytes = larger;
      begin = 0;
      end = kept;
    }
    System.arraycopy(read, 0, bytes, end, count);
    end += count;
  }

  /**
   * Takes the next frame that has arrived whole.
   *
   * @throws ProtocolException when its length is none that a frame can have
   */
  Optional<Frame> next() throws ProtocolException {
    if (end - begin < LENGTH_BYTES) {
      return Optional.empty();
    }
    int length =
        ByteBuffer.wrap(bytes, begin, LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN).getInt();
    if (length < 1 || length > most) {
      throw new ProtocolException("a frame of " + Integer.toUnsignedString(length) + " bytes");
    }
    int first = begin + LENGTH_BYTES;
    if (end - first < length) {
      return Optional.empty();
    }
    begin = first + length;
    return Optional.of(
        new Frame(bytes[first] & 0xff, Arrays.copyOfRange(bytes, first + 1, first + length)));
  }
}
