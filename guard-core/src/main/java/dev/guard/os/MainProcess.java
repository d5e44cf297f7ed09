package dev.guard.os;

import java.io.IOException;
import java.util.OptionalInt;

/**
 * The main process of a command, a child of this process: the one place where it, and whoever of
 * its tree comes to this process as an orphan, is waited for, and where its group is signalled.
 *
 * <p>A number is free for another process as soon as its own was waited for. All of it happens
 * under one lock, so that no signal can go to another. Safe for use by many threads.
 */
public final class MainProcess implements ExitSource, AutoCloseable {
  private final Os os;
  private final ProcessId id;
  private final boolean leads;
  private int pidfd;
  private boolean ended;
  private WaitStatus status;
  private long peakBytes;

  /**
   * A child that nobody has waited for.
   *
   * @param pidfd of it, which is closed with this; -1 where there is none
   * @param leads whether it leads a process group of its own; else its group is its caller's, which
   *     is never signalled
   */
  public MainProcess(Os os, ProcessId id, int pidfd, boolean leads) {
    this.os = os;
    this.id = id;
    this.leads = leads;
    this.pidfd = pidfd;
  }

  /** Which process it is. */
  public ProcessId id() {
    return id;
  }

  /** Its pid, which is also its process group if it leads one. */
  public int pid() {
    return id.pid();
  }

  /** A pidfd of it, readable when it ends; -1 where there is none, see {@link Os#pidfd}. */
  @Override
  public synchronized int pidfd() {
    return pidfd;
  }

  /** Waits for it, if it has ended and that was not done; whether it has ended. */
  @Override
  public synchronized boolean hasEnded() throws OsException {
    if (!ended) {
      try {
        status = os.waitNoHang(id.pid());
      } catch (OsException e) {
        if (e.errno() != Errno.ECHILD) {
          throw e;
        }
        // Other code in this process waits for whatever child there is, or posix_spawn(3) has
        // waited for what did not come to its exec: it has ended, and nobody can say how.
        status = WaitStatus.UNKNOWN;
      }
      ended = status != null;
      peakBytes = ended ? Math.max(peakBytes, status.peakBytes()) : peakBytes;
    }
    return ended;
  }

  /** Whether {@link #hasEnded} has waited for it, so that its number may be another's. */
  public synchronized boolean hasBeenWaitedFor() {
    return ended;
  }

  /** How it has ended; null as long as that was not seen by {@link #hasEnded}. */
  @Override
  public synchronized WaitStatus status() {
    return status;
  }

  /**
   * The most memory that one process had of those that were waited for, see {@link
   * WaitStatus#peakBytes}; 0 where nobody knows.
   */
  public synchronized long peakBytes() {
    return peakBytes;
  }

  /**
   * Sends a signal to its process group, or to it alone where it leads none; false, and nothing is
   * sent, when it was waited for.
   */
  public synchronized boolean signalGroup(int signal) throws OsException {
    return !ended && os.kill(leads ? -id.pid() : id.pid(), signal);
  }

  /** Something that is done with the children that this process has. */
  @FunctionalInterface
  public interface Step {
    /** Does it. */
    void run() throws IOException;
  }

  /** Does something while nobody is waited for here, so that each child keeps its number. */
  public synchronized void whileNobodyIsWaitedFor(Step step) throws IOException {
    step.run();
  }

  /**
   * For a child subreaper that runs nothing else: waits for the orphans that have come to it and
   * have ended, but not for the main process.
   *
   * @return whether the main process has ended
   */
  public synchronized boolean waitForOrphans() throws OsException {
    OptionalInt child = os.peekEndedChild();
    while (child.isPresent() && (ended || child.getAsInt() != id.pid())) {
      try {
        WaitStatus orphan = os.waitNoHang(child.getAsInt());
        if (orphan == null) {
          return ended;
        }
        peakBytes = Math.max(peakBytes, orphan.peakBytes());
      } catch (OsException e) {
        if (e.errno() != Errno.ECHILD) {
          throw e;
        }
        // Not an orphan but a program that Guard had started, and has waited for itself meanwhile.
      }
      child = os.peekEndedChild();
    }
    return ended || child.isPresent();
  }

  /**
   * Kills its process group and itself, by what needs no memory and no descriptor. No effect when
   * it was waited for.
   */
  public synchronized void kill() throws OsException {
    if (ended) {
      return;
    }
    try {
      if (leads) {
        os.kill(-id.pid(), Signals.KILL);
      }
    } finally {
      // It may have left its group by setsid(2) or setpgid(2).
      os.kill(id.pid(), Signals.KILL);
    }
  }

  /** Closes the pidfd. Again: no effect. */
  @Override
  public synchronized void close() throws OsException {
    if (pidfd >= 0) {
      int closing = pidfd;
      pidfd = -1;
      os.close(closing);
    }
  }
}
