package dev.guard.launch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a held process says of itself, see {@code struct word} in {@code held.c}.
 *
 * @param errno the kernel's reason, where something has failed
 */
record HeldWord(What what, int errno) {
  /** The bytes of one. */
  static final int SIZE = 8;

  /** In the order of their numbers. */
  enum What {
    HELD,
    NOT_IN_CGROUP,
    NOT_IN_DIRECTORY,
    NOT_EXECUTED
  }

  static HeldWord of(byte[] bytes) {
    ByteBuffer word = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return new HeldWord(What.values()[word.getInt()], word.getInt());
  }
}
