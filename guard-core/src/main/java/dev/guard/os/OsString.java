package dev.guard.os;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Holds bytes that the kernel takes as a string: an argument, an environment entry or a path.
 *
 * <p>Linux gives these no character encoding, and a JVM in the C locale decodes them lossily, so
 * Guard carries the bytes themselves. They may hold anything but NUL.
 */
public final class OsString {
  private final byte[] bytes;

  private OsString(byte[] bytes) {
    for (byte b : bytes) {
      if (b == 0) {
        throw new IllegalArgumentException(
            "a string for the kernel can not hold a NUL byte: " + display(bytes));
      }
    }
    this.bytes = bytes;
  }

  /** Takes the UTF-8 bytes of {@code text}, which must not be null or hold NUL. */
  public static OsString of(String text) {
    return new OsString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Takes these bytes, copied; they must not hold NUL. */
  public static OsString ofBytes(byte[] bytes) {
    return new OsString(bytes.clone());
  }

  /** Answers a copy of the bytes, without a terminating NUL. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Counts the bytes. */
  public int length() {
    return bytes.length;
  }

  /** Tells whether {@code b} occurs. */
  public boolean contains(char b) {
    return indexOf(b) >= 0;
  }

  /** Finds the index of the first byte {@code b}, or -1. */
  public int indexOf(char b) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == (byte) b) {
        return i;
      }
    }
    return -1;
  }

  /** Finds the index of the last byte {@code b}, or -1. */
  public int lastIndexOf(char b) {
    int i = bytes.length - 1;
    while (i >= 0 && bytes[i] != (byte) b) {
      i--;
    }
    return i;
  }

  /** Copies the bytes from {@code from} (inclusive) to {@code to} (exclusive). */
  public OsString slice(int from, int to) {
    return new OsString(Arrays.copyOfRange(bytes, from, to));
  }

  /** Joins these bytes and those of {@code tail}. */
  public OsString concat(OsString tail) {
    byte[] all = Arrays.copyOf(bytes, bytes.length + tail.bytes.length);
    System.arraycopy(tail.bytes, 0, all, bytes.length, tail.bytes.length);
    return new OsString(all);
  }

  /** Tells whether the bytes are valid UTF-8, so that {@link #toString} loses nothing. */
  public boolean isUtf8() {
    try {
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OsString that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** Decodes the bytes as UTF-8 for people, each invalid sequence as U+FFFD. */
  @Override
  public String toString() {
    return display(bytes);
  }

  private static String display(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
