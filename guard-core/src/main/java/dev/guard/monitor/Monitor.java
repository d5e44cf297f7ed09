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
  // How often to look whether a guard that was stopped beyond the deadline goes on, or whether the
  // main process of one that has gone has ended.
  static final long STOPPED_NANOS = Duration.ofMillis(100).toNanos();
  private static final long LONG = Duration.ofHours(1).toNanos();

  private final Os os;
  private final ExitSource main;
  private final OptionalLong deadline;
  private final Alarm alarm;
  private final Watch watch;

  /** Takes the news that the wait is over; it may wait itself. */
  public interface Over {
    /** Tells why the wait is over. */
    void tell(EndingAnswer ending);
  }

  /** Says why the wait is over. */
  public interface EndingAnswer {
    /**
     * Answers the reason.
     *
     * @throws IOException when the command can not be waited for, or watched
     */
    Ending ending() throws IOException;
  }

  /**
   * Makes the monitor of one command.
   *
   * @param main tells when the main process has ended
   * @param deadline the end of the command's time by {@link System#nanoTime}, or empty for none
   * @param alarm rings when somebody cancels, or the watch has seen something
   * @param watch looks at the whole tree from time to time, on a thread of its own, since a look
   *     can take longer than the command may
   */
  public Monitor(Os os, ExitSource main, OptionalLong deadline, Alarm alarm, Watch watch) {
    this.os = os;
    this.main = main;
    this.deadline = deadline;
    this.alarm = alarm;
    this.watch = watch;
  }

  /**
   * Waits for the main process, and never for one of its pipes; then tells that the wait is over.
   * Where the main process tells its end itself no thread waits: this returns at once, and the news
   * comes on another thread.
   */
  public void waitAndTell(Over over) {
    MonitorEvents events = new MonitorEvents(this, over, deadline, Clock.OF_THIS_PROCESS);
    if (main.whenEnded(events::happened)) {
      alarm.listen(events::happened);
      events.start();
      return;
    }
    Ending ending;
    try {
      ending = await();
    } catch (IOException | RuntimeException | Error e) {
      over.tell(() -> rethrow(e));
      return;
    }
    over.tell(() -> ending);
  }

  static Ending rethrow(Throwable failure) throws IOException {
    if (failure instanceof IOException e) {
      throw e;
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    throw (Error) failure;
  }

  /** Waits on this thread. */
  Ending await() throws IOException {
    try {
      while (true) {
        Ending result = result();
        if (result != null) {
          return result;
        }
        long left = deadline.isPresent() ? deadline.getAsLong() - System.nanoTime() : LONG;
        long next = left > 0 ? Math.min(left, LONG) : STOPPED_NANOS;
        // Rounded up: waking early would only mean another round.
        poll((int) Duration.ofNanos(next).toMillis() + 1);
      }
    } finally {
      watch.stop();
    }
  }

  /** Answers why the wait is over; null: it is not. */
  Ending result() throws IOException {
    if (main.hasEnded()) {
      return new Ending(Reason.ENDED, main.status());
    }
    Optional<Reason> seen = watch.seen();
    if (seen.isPresent()) {
      return new Ending(seen.get(), null);
    }
    if (alarm.isRung()) {
      return new Ending(Reason.CANCELLED, null);
    }
    boolean late = deadline.isPresent() && deadline.getAsLong() - System.nanoTime() <= 0;
    return late && main.isAttended() ? new Ending(Reason.DEADLINE, null) : null;
  }

  boolean mustLook() {
    return main.mustBeLookedFor();
  }

  void stopWatch() {
    watch.stop();
  }

  private void poll(int timeout) throws OsException {
    int pidfd = main.pidfd();
    if (pidfd >= 0) {
      os.poll(new int[] {alarm.descriptor(), pidfd}, timeout);
    } else {
      os.poll(new int[] {alarm.descriptor()}, Math.min(timeout, WITHOUT_PIDFD_MILLIS));
    }
  }
}
