package dev.guard.launch;

import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.value.CommandOutput;
import dev.guard.value.Result.Captured;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads one pipe on a thread of its own until it ends or nobody waits for it any more. A consumer
 * that does not take the output is waited for only so long.
 */
final class Drain implements AutoCloseable {
  private static final int BUFFER = 65536;
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  // A pipe holds 64 KiB, or up to 1 MiB where it was enlarged.
  private static final int LAST_ROUNDS = 16;

  private final Os os;
  private int from;
  private final int[] stop;
  private final OutputStream to;
  private final String name;
  private final byte[] buffer = new byte[BUFFER];
  private final ByteArrayOutputStream kept;
  private int limit;
  private final AtomicLong read = new AtomicLong();
  private final AtomicLong taken = new AtomicLong();
  private boolean refused;
  private volatile Throwable failure;
  private volatile String problem = "";
  private Thread thread;
  private boolean abandoned;
  private boolean ended;

  /**
   * Makes the reader of a pipe.
   *
   * @param from the pipe's reading end, which nobody else reads
   * @param stop a pipe whose writing end is closed to stop the reader
   * @param name the pipe's name for people
   */
  Drain(Os os, int from, int[] stop, CommandOutput output, String name) {
    this(os, from, stop, output, name, new ByteArrayOutputStream());
  }

  /**
   * Reads a pipe, and collects in a buffer that is handed in.
   *
   * @param kept the buffer in which captured bytes are collected
   */
  Drain(
      Os os, int from, int[] stop, CommandOutput output, String name, ByteArrayOutputStream kept) {
    this.kept = kept;
    this.name = name;
    this.os = os;
    this.from = from;
    this.stop = stop;
    this.to = output instanceof CommandOutput.Stream s ? s.to() : null;
    this.limit = output instanceof CommandOutput.Capture c ? c.limit() : 0;
  }

  /** Starts the drain's thread. */
  void start(String name) {
    Thread reader = new Thread(this::run, name);
    reader.setDaemon(true);
    reader.start();
    thread = reader;
  }

  private void run() {
    try {
      drain();
    } catch (OsException | RuntimeException | Error e) {
      failure = e;
    }
    synchronized (this) {
      ended = true;
      if (abandoned || failure != null) {
        // The reading end is closed also when nobody waits for this thread: the command must not
        // block on a pipe that nobody reads.
        closeReadingEnd();
      }
    }
  }

  private void drain() throws OsException {
    // Once nobody waits any more, a leftover that never stops writing must not keep us.
    int rounds = LAST_ROUNDS;
    while (rounds > 0) {
      boolean[] ready = os.poll(new int[] {from, stop[0]}, -1);
      boolean stopping = ready[1];
      // Only a look after the stop tells that nothing is left: the bytes before it are the
      // command's.
      int count = ready[0] ? os.read(from, buffer) : 0;
      if (count == 0 && (ready[0] || stopping)) {
        return;
      }
      if (count > 0) {
        read.addAndGet(count);
        taken.addAndGet(take(count));
      }
      rounds = stopping ? rounds - 1 : LAST_ROUNDS;
    }
  }

  /**
   * Passes the bytes on, and answers how many of them were taken; the others are counted and
   * dropped.
   */
  private int take(int count) {
    if (to != null && !refused) {
      try {
        to.write(buffer, 0, count);
        to.flush();
        return count;
      } catch (IOException | RuntimeException | Error e) {
        // The command must not stop because its reader fails.
        refused = true;
      }
    }
    int keep = Math.min(count, limit - kept.size());
    try {
      kept.write(buffer, 0, keep);
      return keep;
    } catch (OutOfMemoryError e) {
      // The command must not stop because this process has no memory.
      limit = kept.size();
      problem = name + ": there was no memory to keep more than " + limit + " bytes";
      return 0;
    }
  }

  private long dropped() {
    return read.get() - taken.get();
  }

  /** Takes the bytes that are there, ends the thread and answers what was captured. */
  Captured finish() throws IOException {
    if (!stop()) {
      problem = name + ": its reader did not take it within " + PATIENCE.toSeconds() + " s";
      return new Captured(new byte[0], dropped());
    }
    if (failure != null) {
      throw new IOException(name + " could not be read: " + failure.getMessage(), failure);
    }
    try {
      return new Captured(kept.toByteArray(), dropped());
    } catch (OutOfMemoryError e) {
      problem = name + ": there was no memory to hand over its " + kept.size() + " bytes";
      return new Captured(new byte[0], read.get());
    }
  }

  /** Tells what went wrong beside the command; empty when nothing did. */
  String problem() {
    return problem;
  }

  /**
   * Stops the thread, and waits for it: a descriptor must not be closed while the thread uses it.
   * False when the thread does not end, since the consumer of the output does not take it: then the
   * thread closes the descriptor, if ever.
   */
  private boolean stop() throws IOException {
    try {
      if (stop[1] >= 0) {
        int closing = stop[1];
        stop[1] = -1;
        os.close(closing);
      }
    } finally {
      join();
    }
    return !abandoned;
  }

  private void join() throws IOException {
    if (thread == null) {
      return;
    }
    awaitThread();
    synchronized (this) {
      if (!ended) {
        abandoned = true;
        thread.interrupt();
      }
    }
  }

  /** Waits for the thread as long as it moves bytes, which {@link #LAST_ROUNDS} bounds. */
  private void awaitThread() throws IOException {
    try {
      long before = -1;
      while (!abandoned && thread.isAlive() && taken.get() != before) {
        before = taken.get();
        thread.join(PATIENCE.toMillis());
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted while output was collected", e);
    }
  }

  private synchronized void closeReadingEnd() {
    try {
      if (from >= 0) {
        int closing = from;
        from = -1;
        os.close(closing);
      }
      if (abandoned && stop[0] >= 0) {
        os.close(stop[0]);
        stop[0] = -1;
      }
    } catch (OsException e) {
      failure = e;
    }
  }

  @Override
  public void close() throws IOException {
    boolean stopped = false;
    try {
      stopped = stop();
    } finally {
      if (stopped || thread == null) {
        try {
          closeReadingEnd();
        } finally {
          os.close(stop[0]);
        }
      }
    }
  }
}
