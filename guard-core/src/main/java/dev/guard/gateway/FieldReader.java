package dev.guard.gateway;

import dev.guard.os.OsString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Reads the fields of one frame; each method fails where the frame has not that many bytes. */
final class FieldReader {
  private final ByteBuffer bytes;

  FieldReader(Frame frame) {
    this.bytes = ByteBuffer.wrap(frame.payload()).order(ByteOrder.LITTLE_ENDIAN);
  }

  int u8() throws ProtocolException {
    require(1);
    return bytes.get() & 0xff;
  }

  int u32() throws ProtocolException {
    require(Integer.BYTES);
    return bytes.getInt();
  }

  long u64() throws ProtocolException {
    require(Long.BYTES);
    return bytes.getLong();
  }

  /** Reads a string of the kernel: its length, its bytes without NUL, and one NUL. */
  OsString string() throws ProtocolException {
    int length = count(1);
    byte[] text = new byte[length];
    bytes.get(text);
    if (u8() != 0) {
      throw new ProtocolException("a string without its NUL");
    }
    try {
      return OsString.ofBytes(text);
    } catch (IllegalArgumentException e) {
      throw new ProtocolException(e.getMessage());
    }
  }

  List<OsString> strings() throws ProtocolException {
    // Each has at least its length and its NUL, so the count can not ask for more than is there.
    int count = count(Integer.BYTES + 1);
    List<OsString> strings = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      strings.add(string());
    }
    return strings;
  }

  /** Checks that all was read. */
  void end() throws ProtocolException {
    if (bytes.hasRemaining()) {
      throw new ProtocolException(bytes.remaining() + " bytes behind the fields of a frame");
    }
  }

  /** Reads how many things follow, of which each has at least this many bytes. */
  private int count(int bytesOfEach) throws ProtocolException {
    int count = u32();
    if (count < 0 || (long) count * bytesOfEach > bytes.remaining()) {
      throw new ProtocolException("a count of " + Integer.toUnsignedString(count));
    }
    return count;
  }

  private void require(int count) throws ProtocolException {
    if (bytes.remaining() < count) {
      throw new ProtocolException("a frame that is too short");
    }
  }
}
