package dev.guard.systemd;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes values as D-Bus has them on the wire, little-endian: each begins at a multiple of its
 * alignment, see "Type System" of the D-Bus specification.
 */
final class DBusWriter {
  private byte[] bytes = new byte[512];
  private int size;

  DBusWriter u8(int value) {
    if (size == bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * size);
    }
    bytes[size++] = (byte) value;
    return this;
  }

  DBusWriter align(int alignment) {
    while (size % alignment != 0) {
      u8(0);
    }
    return this;
  }

  DBusWriter u32(int value) {
    align(4);
    for (int shift = 0; shift < 32; shift += 8) {
      u8(value >> shift);
    }
    return this;
  }

  DBusWriter u64(long value) {
    align(8);
    for (int shift = 0; shift < 64; shift += 8) {
      u8((int) (value >> shift));
    }
    return this;
  }

  DBusWriter string(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return u32(utf8.length).raw(utf8).u8(0);
  }

  DBusWriter signature(String text) {
    byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
    return u8(ascii.length).raw(ascii).u8(0);
  }

  /** Writes an array, whose length does not count the padding before its first element. */
  DBusWriter array(int alignment, Runnable elements) {
    u32(0);
    int length = size - 4;
    align(alignment);
    int begin = size;
    elements.run();
    int count = size - begin;
    for (int i = 0; i < 4; i++) {
      bytes[length + i] = (byte) (count >> (8 * i));
    }
    return this;
  }

  DBusWriter raw(byte[] value) {
    for (byte b : value) {
      u8(b);
    }
    return this;
  }

  byte[] bytes() {
    return Arrays.copyOf(bytes, size);
  }
}
