package dev.guard.monitor;

import dev.guard.os.Os;
import dev.guard.os.OsException;

/**
 * Wakes whoever waits for a command's end, when somebody cancels it or its watch has seen
 * something. Safe for use by many threads.
 */
public final class Alarm {
  private static final int NONE = -1;

  private final Os os;
  private final int[] pipe;
  private boolean rung;
  private boolean closed;
  private Runnable listener = Alarm::nobody;

  private Alarm(Os os, int[] pipe) {
    this.os = os;
    this.pipe = pipe;
  }

  /**
   * Makes one for a thread that polls descriptors.
   *
   * @throws OsException when no pipe can be had
   */
  public static Alarm byDescriptor(Os os) throws OsException {
    return new Alarm(os, os.pipe());
  }

  /** Makes one that calls whoever listens, and takes no descriptor. */
  public static Alarm byCall(Os os) {
    return new Alarm(os, new int[0]);
  }

  /** Answers a descriptor that is readable once the alarm was rung; -1 where it calls. */
  int descriptor() {
    return pipe.length == 0 ? NONE : pipe[0];
  }

  /** Rings. */
  public void ring() {
    Runnable told;
    synchronized (this) {
      rung = true;
      if (pipe.length > 0 && !closed) {
        try {
          os.write(pipe[1], new byte[] {0});
        } catch (OsException e) {
          throw new IllegalStateException(e);
        }
      }
      told = listener;
    }
    told.run();
  }

  /** Tells whether it was rung. */
  synchronized boolean isRung() {
    return rung;
  }

  /** Calls this one at each ring from now on, on the thread that rings; it must not wait. */
  synchronized void listen(Runnable to) {
    listener = to;
  }

  private static void nobody() {}

  /** Closes its descriptors; a ring after that reaches nobody. */
  public synchronized void close() throws OsException {
    listener = Alarm::nobody;
    if (closed) {
      return;
    }
    closed = true;
    if (pipe.length > 0) {
      try {
        os.close(pipe[0]);
      } finally {
        os.close(pipe[1]);
      }
    }
  }
}
