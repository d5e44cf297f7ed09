package dev.guard.os;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Keeps the bytes that come through a pipe, up to a bound, so that no program fills this process's
 * memory.
 */
final class OutputPipe {
  /**
   * The bound of the bytes that are kept: a manager that lists all units of a large host says some
   * MiB.
   */
  static final int MOST_BYTES = 16 << 20;

  private static final int AT_ONCE = 4096;

  private final Os os;
  private final int descriptor;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private boolean open = true;
  private boolean dropped;

  /** Reads a descriptor, which {@link #close} closes. */
  OutputPipe(Os os, int descriptor) {
    this.os = os;
    this.descriptor = descriptor;
  }

  int descriptor() {
    return descriptor;
  }

  /** Tells whether more bytes can come. */
  boolean isOpen() {
    return open;
  }

  /** Tells whether more bytes have come than are kept. */
  boolean hasDropped() {
    return dropped;
  }

  /** Takes the bytes that are there; waits where there are none. */
  void take() throws OsException {
    byte[] buffer = new byte[AT_ONCE];
    int count = os.read(descriptor, buffer);
    open = count > 0;
    if (kept.size() + count > MOST_BYTES) {
      dropped = true;
    } else {
      kept.write(buffer, 0, Math.max(count, 0));
    }
  }

  /** Answers all the text that is kept. */
  String text() {
    return kept.toString(StandardCharsets.UTF_8);
  }

  void close() throws OsException {
    os.close(descriptor);
  }
}
