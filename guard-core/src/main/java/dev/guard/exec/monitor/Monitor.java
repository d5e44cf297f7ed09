package dev.guard.exec.monitor;

import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.WaitStatus;
import java.time.Duration;

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
    CANCELLED
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
   * @param pid the main process, a child of this one
   * @param pidfd of it, or -1
   * @param deadline by {@link System#nanoTime}, or empty for none
   * @param cancelled a descriptor that becomes readable when somebody cancels
   */
  public Result await(int pid, int pidfd, java.util.OptionalLong deadline, int cancelled)
      throws OsException {
    boolean isCancelled = false;
    while (true) {
      WaitStatus status = os.waitNoHang(pid);
      if (status != null) {
        return new Result(Event.ENDED, status);
      }
      if (isCancelled) {
        return new Result(Event.CANCELLED, null);
      }
      int timeout = -1;
      if (deadline.isPresent()) {
        long left = deadline.getAsLong() - System.nanoTime();
        if (left <= 0) {
          return new Result(Event.DEADLINE, null);
        }
        // Rounded up: waking early would only mean another round.
        timeout = (int) Math.min(Duration.ofNanos(left).toMillis() + 1, Integer.MAX_VALUE);
      }
      isCancelled = poll(pidfd, cancelled, timeout);
    }
  }

  private boolean poll(int pidfd, int cancelled, int timeout) throws OsException {
    if (pidfd >= 0) {
      return os.poll(new int[] {cancelled, pidfd}, timeout)[0];
    }
    int brief = timeout < 0 ? WITHOUT_PIDFD_MILLIS : Math.min(timeout, WITHOUT_PIDFD_MILLIS);
    return os.poll(new int[] {cancelled}, brief)[0];
  }
}
