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
   * @param cancelled a descriptor that becomes readable when somebody cancels
   * @param watch looks at the whole tree from time to time
   */
  public Result await(MainProcess main, OptionalLong deadline, int cancelled, Watch watch)
      throws IOException {
    boolean isCancelled = false;
    while (true) {
      if (main.hasEnded()) {
        return new Result(Event.ENDED, main.status());
      }
      if (isCancelled) {
        return new Result(Event.CANCELLED, null);
      }
      long left = Long.MAX_VALUE;
      if (deadline.isPresent()) {
        left = deadline.getAsLong() - System.nanoTime();
        if (left <= 0) {
          return new Result(Event.DEADLINE, null);
        }
      }
      Optional<Event> seen = watch.look();
      if (seen.isPresent()) {
        return new Result(seen.get(), null);
      }
      // Rounded up: waking early would only mean another round.
      isCancelled =
          poll(
              main.pidfd(),
              cancelled,
              (int) Duration.ofNanos(Math.min(left, watch.nanos())).toMillis() + 1);
    }
  }

  private boolean poll(int pidfd, int cancelled, int timeout) throws OsException {
    if (pidfd >= 0) {
      return os.poll(new int[] {cancelled, pidfd}, timeout)[0];
    }
    return os.poll(new int[] {cancelled}, Math.min(timeout, WITHOUT_PIDFD_MILLIS))[0];
  }
}
