package dev.guard.launch;

import dev.guard.os.Os;
import dev.guard.os.OsException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/** Writes a command's input to its pipe on a thread of its own, then closes it. */
final class Feeder implements AutoCloseable {
  // A chunk is no more than a pipe takes at once when it is empty, so that a write blocks only for
  // a command that does not read.
  private static final int CHUNK = 4096;

  private final Os os;
  private final int to;
  private final byte[] bytes;
  private final AtomicBoolean started = new AtomicBoolean();

  Feeder(Os os, int to, byte[] bytes) {
    this.os = os;
    this.to = to;
    this.bytes = bytes;
  }

  void start(String name) {
    Thread thread = new Thread(this::run, name);
    thread.setDaemon(true);
    started.set(true);
    try {
      thread.start();
    } catch (Error e) {
      // No thread can be had.
      started.set(false);
      throw e;
    }
  }

  private void run() {
    try {
      for (int at = 0; at < bytes.length; at += CHUNK) {
        os.write(to, Arrays.copyOfRange(bytes, at, Math.min(at + CHUNK, bytes.length)));
      }
    } catch (OsException e) {
      // EPIPE: the command has closed its input or ended; the rest is for nobody.
    } finally {
      closePipe();
    }
  }

  /**
   * Closes the pipe if no thread was started; else the thread does, since a descriptor must not be
   * closed while a write uses it.
   */
  @Override
  public void close() {
    if (started.compareAndSet(false, true)) {
      closePipe();
    }
  }

  private void closePipe() {
    try {
      os.close(to);
    } catch (OsException e) {
      throw new IllegalStateException(e);
    }
  }
}
