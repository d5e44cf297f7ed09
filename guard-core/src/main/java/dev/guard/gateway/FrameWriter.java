package dev.guard.gateway;

import dev.guard.os.OsString;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Writes the fields of one frame, one after the other. */
final class FrameWriter {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);

  FrameWriter(int type) {
    // The length comes last.
    bytes.writeBytes(new byte[Integer.BYTES]);
    u8(type);
  }

  FrameWriter u8(int value) {
    bytes.write(value);
    return this;
  }

  FrameWriter u32(int value) {
    bytes.writeBytes(
        ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    return this;
  }

  FrameWriter u64(long value) {
    bytes.writeBytes(
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
    return this;
  }

  FrameWriter string(OsString text) {
    return string(text.bytes());
  }

  FrameWriter string(byte[] text) {
    u32(text.length);
    bytes.writeBytes(text);
    return u8(0);
  }

  FrameWriter strings(List<OsString> all) {
    u32(all.size());
    all.forEach(this::string);
    return this;
  }

  /** Answers the whole frame. */
  byte[] frame() {
    byte[] frame = bytes.toByteArray();
    ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).putInt(frame.length - Integer.BYTES);
    return frame;
  }
}
