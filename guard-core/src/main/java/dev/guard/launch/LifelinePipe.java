package dev.guard.launch;

import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Stands for the writing end of the lifeline's pipe. Writing never blocks: somebody may have
 * stopped the lifeline, and the lines that its pipe does not take wait here, in order.
 */
final class LifelinePipe {
  /** The word that tells of a process that lost its parent. */
  static final String ADOPTED = "adopted";

  /** The word that tells of a command of which nothing is left. */
  static final String DONE = "done";

  private static final long RETRY_NANOS = 50_000_000L;
  // Lines are of one for each orphan that lives; those of a fork bomb must not fill the memory.
  private static final int MOST_WAITING = 10_000;

  private final Os os;
  private final int descriptor;
  private final Deque<WaitingLine> waiting = new ArrayDeque<>();
  private final Set<String> told = new HashSet<>();
  private Thread retrying;
  private boolean closed;

  private record WaitingLine(String id, boolean isDone, byte[] bytes) {}

  /** Takes over the writing end. */
  LifelinePipe(Os os, int descriptor) throws OsException {
    this.os = os;
    this.descriptor = descriptor;
    os.setNonBlocking(descriptor);
  }

  /** Answers the descriptor that is open as long as Guard lives. */
  int descriptor() {
    return descriptor;
  }

  /** Tells whether a line waits to be taken. */
  synchronized boolean isBehind() {
    return !waiting.isEmpty();
  }

  /** Writes a line, or has it wait. Of a command that is done, no line has to wait any more. */
  synchronized void send(String what, String id, OsString rest) throws OsException {
    if (closed) {
      return;
    }
    if (what.equals(DONE)) {
      waiting.removeIf(line -> line.id().equals(id));
    }
    boolean unknown = what.equals(DONE) && !told.remove(id);
    boolean tooMany = what.equals(ADOPTED) && waiting.size() >= MOST_WAITING;
    if (!unknown && !tooMany) {
      OsString line = OsString.of(what + " " + id + " ").concat(rest).concat(OsString.of("\n"));
      waiting.add(new WaitingLine(id, what.equals(DONE), line.bytes()));
    }
    flush();
    if (!waiting.isEmpty()) {
      retryLater();
    }
  }

  /** Writes as many waiting lines as the pipe takes; true when no line is left. */
  private boolean flush() throws OsException {
    try {
      while (!waiting.isEmpty()) {
        WaitingLine line = waiting.peek();
        int count = os.writeSome(descriptor, line.bytes());
        if (count == 0) {
          return false;
        }
        waiting.remove();
        if (!line.isDone()) {
          told.add(line.id());
        }
        if (count < line.bytes().length) {
          // The line is longer than PIPE_BUF. Its rest is no command's and comes first, so that its
          // end follows its beginning.
          byte[] rest = Arrays.copyOfRange(line.bytes(), count, line.bytes().length);
          waiting.addFirst(new WaitingLine("", true, rest));
        }
      }
    } catch (OsException e) {
      if (e.errno() != Errno.EPIPE) {
        throw e;
      }
      // Somebody killed the lifeline. The receipt says so.
      waiting.clear();
    }
    return true;
  }

  private void retryLater() {
    if (retrying == null) {
      retrying = new Thread(this::retry, "guard-lifeline-pipe");
      retrying.setDaemon(true);
      retrying.start();
    }
  }

  private void retry() {
    boolean again = true;
    while (again) {
      LockSupport.parkNanos(RETRY_NANOS);
      synchronized (this) {
        again = !closed && !flushed();
        retrying = again ? retrying : null;
      }
    }
  }

  private boolean flushed() {
    try {
      return flush();
    } catch (OsException e) {
      // The next line that is sent meets the error too, and its sender is told.
      return true;
    }
  }

  /**
   * Closes the writing end, after the waiting lines were taken or this time is over. A second call
   * has no effect.
   */
  void close(Duration patience) throws OsException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      synchronized (this) {
        if (closed || flush() || System.nanoTime() >= deadline) {
          boolean first = !closed;
          closed = true;
          if (first) {
            os.close(descriptor);
          }
          return;
        }
      }
      LockSupport.parkNanos(RETRY_NANOS);
    }
  }
}
