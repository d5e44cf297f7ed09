package dev.guard.exec.launch;

import dev.guard.CommandOutput;
import dev.guard.CommandResult.Captured;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Reads one pipe on a thread of its own until it ends or nobody waits for it any more. */
final class Drain implements AutoCloseable {
  private static final int BUFFER = 65536;
  // A pipe holds 64 KiB, or up to 1 MiB where it was enlarged.
  private static final int LAST_ROUNDS = 16;

  private final Os os;
  private final int from;
  private final int[] stop;
  private final OutputStream to;
  private final int limit;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private long dropped;
  private boolean refused;
  private IOException failure;
  private Thread thread;

  /**
   * @param from the pipe's reading end, which nobody else reads
   * @param stop a pipe whose writing end is closed to stop the reader
   */
  Drain(Os os, int from, int[] stop, CommandOutput output) {
    this.os = os;
    this.from = from;
    this.stop = stop;
    this.to = output instanceof CommandOutput.Stream s ? s.to() : null;
    this.limit = output instanceof CommandOutput.Capture c ? c.limit() : 0;
  }

  void start(String name) {
    Thread reader = new Thread(this::run, name);
    reader.setDaemon(true);
    reader.start();
    thread = reader;
  }

  private void run() {
    byte[] buffer = new byte[BUFFER];
    try {
      // Once nobody waits any more, a leftover that never stops writing must not keep us.
      int rounds = LAST_ROUNDS;
      while (rounds > 0) {
        boolean[] ready = os.poll(new int[] {from, stop[0]}, -1);
        boolean stopping = ready[1];
        // Only a look after the stop tells that nothing is left: what came before it is the
        // command's.
        int count = ready[0] ? os.read(from, buffer) : 0;
        if (count <= 0 && (ready[0] || stopping)) {
          return;
        }
        take(buffer, count);
        rounds = stopping ? rounds - 1 : LAST_ROUNDS;
      }
    } catch (OsException e) {
      failure = e;
    }
  }

  private void take(byte[] buffer, int count) {
    if (to != null && !refused) {
      try {
        to.write(buffer, 0, count);
        to.flush();
        return;
      } catch (IOException | RuntimeException | Error e) {
        // The command must not stop for its reader: the rest is counted and dropped.
        refused = true;
      }
    }
    int keep = Math.min(count, limit - kept.size());
    kept.write(buffer, 0, keep);
    dropped += count - keep;
  }

  /** Takes what is there, ends the thread and answers what was captured. */
  Captured finish() throws IOException {
    stop();
    if (failure != null) {
      throw failure;
    }
    return new Captured(kept.toByteArray(), dropped);
  }

  /** A descriptor must not go while the thread uses it, so the thread goes first. */
  private void stop() throws IOException {
    try {
      if (stop[1] >= 0) {
        int closing = stop[1];
        stop[1] = -1;
        os.close(closing);
      }
    } finally {
      join();
    }
  }

  private void join() throws IOException {
    try {
      if (thread != null) {
        thread.join();
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted while output was collected", e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      stop();
    } finally {
      try {
        os.close(from);
      } finally {
        os.close(stop[0]);
      }
    }
  }
}
