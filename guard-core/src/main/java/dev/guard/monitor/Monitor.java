package dev.guard.monitor;

import dev.guard.os.ExitSource;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.value.Ending;
import dev.guard.value.Ending.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** Waits for a command's main process to end, for its deadline, or for somebody who cancels it. */
public final class Monitor {
  // How often to look where the kernel has no pidfd.
  private static final int WITHOUT_PIDFD_MILLIS = 10;
  // How often to look whether a guard that was stopped beyond the deadline goes on.
  private static final long STOPPED_NANOS = Duration.ofMillis(100).toNanos();
  private static final long LONG = Duration.ofHours(1).toNanos();

  private final Os os;

  /** Makes a monitor that waits through {@code os}. */
  public Monitor(Os os) {
    this.os = os;
  }

  /**
   * Waits for the main process, and never for one of its pipes.
   *
   * @param main tells when the main process has ended
   * @param deadline the end of the command's time by {@link System#nanoTime}, or empty for none
   * @param cancelled a descriptor that becomes readable when somebody cancels, or the watch has
   *     seen something
   * @param watch looks at the whole tree from time to time, on a thread of its own, since a look
   *     can take longer than the command may
   */
  public Ending await(ExitSource main, OptionalLong deadline, int cancelled, Watch watch)
      throws IOException {
    try {
      boolean woken = false;
      while (true) {
        Ending result = result(main, deadline, woken, watch);
        if (result != null) {
          return result;
        }
        long left = deadline.isPresent() ? deadline.getAsLong() - System.nanoTime() : LONG;
        long next = left > 0 ? Math.min(left, LONG) : STOPPED_NANOS;
        // Rounded up: waking early would only mean another round.
        woken = poll(main.pidfd(), cancelled, (int) Duration.ofNanos(next).toMillis() + 1);
      }
    } finally {
      watch.stop();
    }
  }

  private Ending result(ExitSource main, OptionalLong deadline, boolean woken, Watch watch)
      throws IOException {
    if (main.hasEnded()) {
      return new Ending(Reason.ENDED, main.status());
    }
    Optional<Reason> seen = watch.seen();
    if (seen.isPresent()) {
      return new Ending(seen.get(), null);
    }
    if (woken) {
      return new Ending(Reason.CANCELLED, null);
    }
    boolean late = deadline.isPresent() && deadline.getAsLong() - System.nanoTime() <= 0;
    return late && main.isAttended() ? new Ending(Reason.DEADLINE, null) : null;
  }

  private boolean poll(int pidfd, int cancelled, int timeout) throws OsException {
    if (pidfd >= 0) {
      return os.poll(new int[] {cancelled, pidfd}, timeout)[0];
    }
    return os.poll(new int[] {cancelled}, Math.min(timeout, WITHOUT_PIDFD_MILLIS))[0];
  }
}
