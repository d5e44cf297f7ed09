package dev.guard;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** Cuts the bytes of one output into lines and hands each to a consumer. */
final class LineStream extends OutputStream {
  private static final int LONGEST_LINE = 1 << 20;

  private final Consumer<String> consumer;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final ReentrantLock lock = new ReentrantLock();

  LineStream(Consumer<String> consumer) {
    this.consumer = consumer;
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int count) {
    lock.lock();
    try {
      for (int i = from; i < from + count; i++) {
        if (bytes[i] == '\n') {
          handOver();
        } else {
          line.write(bytes[i]);
          if (line.size() >= LONGEST_LINE) {
            handOver();
          }
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Hands over a last line without a newline. A consumer that still blocks does not get it: the
   * result would wait for it.
   */
  void finish() {
    if (!lock.tryLock()) {
      return;
    }
    try {
      if (line.size() > 0) {
        handOver();
      }
    } catch (RuntimeException e) {
      // As for a stream that throws: its reader is no reason for a command to have no result.
      line.reset();
    } finally {
      lock.unlock();
    }
  }

  private void handOver() {
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    consumer.accept(text);
  }
}
