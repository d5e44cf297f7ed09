package dev.guard.monitor;

import dev.guard.process.TaskThreads;
import dev.guard.value.Ending;
import java.io.IOException;
import java.util.OptionalLong;

/** Waits for a command's end without a thread: whoever has news calls here. */
final class MonitorEvents implements Clock.Timed {
  private static final long NEVER = Long.MAX_VALUE >> 1;

  private final Monitor monitor;
  private final Monitor.Over over;
  private long due;
  private final Clock clock;
  private boolean isTimed;
  private boolean started;
  private boolean told;

  MonitorEvents(Monitor monitor, Monitor.Over over, OptionalLong deadline, Clock clock) {
    this.monitor = monitor;
    this.over = over;
    this.due = deadline.orElseGet(() -> System.nanoTime() + NEVER);
    this.clock = clock;
  }

  /** Waits from now on. */
  void start() {
    if (due - System.nanoTime() < NEVER >> 1) {
      isTimed = true;
      clock.add(this);
    }
    synchronized (this) {
      started = true;
    }
    happened();
  }

  @Override
  public synchronized long due() {
    return due;
  }

  @Override
  public void strike() {
    happened();
    synchronized (this) {
      // A guard that is stopped may go on.
      due = System.nanoTime() + Monitor.STOPPED_NANOS;
    }
  }

  /** Looks whether the wait is over, and tells that once, on a thread that may wait. */
  void happened() {
    Monitor.EndingAnswer answer;
    boolean begins = false;
    synchronized (this) {
      if (!started || told) {
        return;
      }
      answer = answer();
      told = answer != null;
      if (!told && monitor.mustLook()) {
        due = Math.min(due, System.nanoTime() + Monitor.STOPPED_NANOS);
        begins = !isTimed;
        isTimed = true;
      }
    }
    if (begins) {
      clock.add(this);
    }
    if (answer != null) {
      clock.remove(this);
      TaskThreads.OF_THIS_PROCESS.runAnyhow("guard-command", () -> tell(answer));
    }
  }

  private Monitor.EndingAnswer answer() {
    try {
      Ending ending = monitor.result();
      return ending == null ? null : () -> ending;
    } catch (IOException | RuntimeException | Error e) {
      return () -> Monitor.rethrow(e);
    }
  }

  private void tell(Monitor.EndingAnswer answer) {
    monitor.stopWatch();
    over.tell(answer);
  }
}
