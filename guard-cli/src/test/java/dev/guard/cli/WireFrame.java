package dev.guard.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A frame between shim and gateway, written and read by hand; each character is one byte. */
final class WireFrame {
  static final int HELLO = 1;
  static final int HELD = 2;
  static final int EXECED = 3;
  static final int NOT_EXECUTED = 4;
  static final int ENDED = 5;
  static final int SIGNAL = 6;
  static final int ANSWER = 7;
  static final int TOLD = 9;
  static final int CANCEL = 10;
  static final int DECLINE = 65;
  static final int SAY = 66;
  static final int OPEN = 67;
  static final int GRANT = 68;
  static final int RELEASE = 69;
  static final int ABANDON = 70;
  static final int RESULT = 71;
  static final int DETACH = 73;
  static final int TELL = 74;
  static final int ADOPTED = 75;
  static final int PRINT = 76;
  static final int GOODBYE = 77;

  private final int type;
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final ByteBuffer payload;

  private WireFrame(int type, byte[] payload) {
    this.type = type;
    this.payload = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** One to be written. */
  static WireFrame of(int type) {
    return new WireFrame(type, new byte[0]);
  }

  /** One that has come. */
  static WireFrame of(int type, byte[] payload) {
    return new WireFrame(type, payload);
  }

  static WireFrame result(int status, String lines) {
    return of(RESULT).u8(0).u32(status).str(lines).str("");
  }

  int type() {
    return type;
  }

  private WireFrame number(long value, int size) {
    for (int i = 0; i < size; i++) {
      written.write((int) (value >>> (8 * i)));
    }
    return this;
  }

  WireFrame u8(int value) {
    return number(value, 1);
  }

  WireFrame u32(long value) {
    return number(value, 4);
  }

  WireFrame u64(long value) {
    return number(value, 8);
  }

  WireFrame str(String text) {
    number(text.length(), 4);
    written.writeBytes(text.getBytes(ISO_8859_1));
    return number(0, 1);
  }

  WireFrame strings(List<String> all) {
    u32(all.size());
    all.forEach(this::str);
    return this;
  }

  /** What was written, with its head. */
  byte[] bytes() {
    byte[] content = written.toByteArray();
    return ByteBuffer.allocate(content.length + 5)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(content.length + 1)
        .put((byte) type)
        .put(content)
        .array();
  }

  byte[] payload() {
    return payload.array();
  }

  int takeU8() {
    return payload.get() & 0xff;
  }

  int takeU32() {
    return payload.getInt();
  }

  long takeU64() {
    return payload.getLong();
  }

  String takeStr() {
    byte[] bytes = new byte[payload.getInt()];
    payload.get(bytes);
    if (payload.get() != 0) {
      throw new IllegalStateException("no NUL behind a string");
    }
    return new String(bytes, ISO_8859_1);
  }

  List<String> takeStrings() {
    int count = payload.getInt();
    List<String> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(takeStr());
    }
    return all;
  }

  boolean isTaken() {
    return !payload.hasRemaining();
  }
}
