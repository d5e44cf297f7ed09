package dev.guard;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** Cuts the bytes of one output into lines and hands each to a consumer. */
final class LineStream extends OutputStream {
  private static final int LONGEST_LINE = 1 << 20;
  // How long a reader of a stream is waited for.
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Duration patience;
  private final Consumer<String> consumer;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final ReentrantLock lock = new ReentrantLock();

  LineStream(Consumer<String> consumer) {
    this(consumer, PATIENCE);
  }

  LineStream(Consumer<String> consumer, Duration patience) {
    this.patience = patience;
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
   * Hands over a last line without a newline, on a thread of its own: a consumer that blocks or
   * fails then is no reason for a command to have no result.
   */
  void finish() {
    if (line.size() == 0) {
      return;
    }
    Thread rest = new Thread(this::handOverRest, "guard-output-rest");
    rest.setDaemon(true);
    rest.start();
    try {
      rest.join(patience.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void handOverRest() {
    lock.lock();
    try {
      if (line.size() > 0) {
        handOver();
      }
    } catch (Throwable e) {
      // The line is lost, and the command has its result, as with a stream that throws.
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
