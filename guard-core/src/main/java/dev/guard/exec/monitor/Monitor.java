package dev.guard.exec.monitor;

import dev.guard.os.MainProcess;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.WaitStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** Waits for a command's main process to end, for its deadline, or for somebody who cancels it. */
public final class Monitor {
  // How often to look where the kernel has no pidfd.
  private static final int WITHOUT_PIDFD_MILLIS = 10;
  private static final long LONG = Duration.ofHours(1).toNanos();

  private final Os os;

  /** Waits through {@code os}. */
  public Monitor(Os os) {
    this.os = os;
  }

  /** Why the wait is over. */
  public enum Event {
    /** The main process ended. */
    ENDED,
    /** The deadline passed first. */
    DEADLINE,
    /** It was cancelled first. */
    CANCELLED,
    /** The kernel killed one of its processes for memory, and the others live. */
    OUT_OF_MEMORY,
    /** The tree has used up its processor time. */
    OUT_OF_CPU_TIME,
    /** It has more tasks than it may, where no kernel limit stops it. */
    TOO_MANY_TASKS
  }

  /**
   * What the wait found.
   *
   * @param status of the main process, reaped; null when it still runs
   */
  public record Result(Event event, WaitStatus status) {}

  /**
   * Waits. Only the process itself is waited for, never one of its pipes.
   *
   * @param main the main process, which is waited for
   * @param deadline by {@link System#nanoTime}, or empty for none
   * @param cancelled a descriptor that becomes readable when somebody cancels, or the watch has
   *     seen something
   * @param watch looks at the whole tree from time to time, on a thread of its own, since a look
   *     can take longer than the command may
   */
  public Result await(MainProcess main, OptionalLong deadline, int cancelled, Watch watch)
      throws IOException {
    try {
      boolean woken = false;
      while (true) {
        Result result = result(main, deadline, woken, watch);
        if (result != null) {
          return result;
        }
        long left = deadline.isPresent() ? deadline.getAsLong() - System.nanoTime() : LONG;
        long next = Math.min(left, LONG);
        // Rounded up: waking early would only mean another round.
        woken =
            poll(main.pidfd(), cancelled, (int) Duration.ofNanos(Math.max(next, 0)).toMillis() + 1);
      }
    } finally {
      watch.stop();
    }
  }

  private Result result(MainProcess main, OptionalLong deadline, boolean woken, Watch watch)
      throws IOException {
    if (main.hasEnded()) {
      return new Result(Event.ENDED, main.status());
    }
    Optional<Event> seen = watch.seen();
    if (seen.isPresent()) {
      return new Result(seen.get(), null);
    }
    if (woken) {
      return new Result(Event.CANCELLED, null);
    }
    boolean late = deadline.isPresent() && deadline.getAsLong() - System.nanoTime() <= 0;
    return late ? new Result(Event.DEADLINE, null) : null;
  }

  private boolean poll(int pidfd, int cancelled, int timeout) throws OsException {
    if (pidfd >= 0) {
      return os.poll(new int[] {cancelled, pidfd}, timeout)[0];
    }
    return os.poll(new int[] {cancelled}, Math.min(timeout, WITHOUT_PIDFD_MILLIS))[0];
  }
}
