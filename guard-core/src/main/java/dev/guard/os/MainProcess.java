package dev.guard.os;

import java.io.IOException;
import java.util.OptionalInt;

/**
 * Waits for the main process of a command, a child of this process: the one place where the child,
 * and every process of its tree that comes to this process as an orphan, is waited for, and where
 * its group is signalled.
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
   * Takes a child that nobody has waited for.
   *
   * @param pidfd a pidfd of the child, which is closed with this; -1 where there is none
   * @param leads whether the child leads a process group of its own; else its group is its
   *     caller's, which is never signalled
   */
  public MainProcess(Os os, ProcessId id, int pidfd, boolean leads) {
    this.os = os;
    this.id = id;
    this.leads = leads;
    this.pidfd = pidfd;
  }

  /** Says which process this is. */
  public ProcessId id() {
    return id;
  }

  /** Answers the process's pid, which is also its process group if it leads one. */
  public int pid() {
    return id.pid();
  }

  /**
   * Answers a pidfd of the process, readable when it ends; -1 where there is none, see {@link
   * Os#pidfd}.
   */
  @Override
  public synchronized int pidfd() {
    return pidfd;
  }

  /**
   * Waits for the process if it has ended and nobody did so before, and tells whether it has ended.
   */
  @Override
  public synchronized boolean hasEnded() throws OsException {
    if (!ended) {
      status = WaitStatus.ofEnded(os, id.pid());
      ended = status != null;
      peakBytes = ended ? Math.max(peakBytes, status.peakBytes()) : peakBytes;
    }
    return ended;
  }

  /**
   * Tells whether {@link #hasEnded} has waited for the process, so that its number may be
   * another's.
   */
  public synchronized boolean hasBeenWaitedFor() {
    return ended;
  }

  /** Says how the process has ended; null as long as that was not seen by {@link #hasEnded}. */
  @Override
  public synchronized WaitStatus status() {
    return status;
  }

  /**
   * Answers the most memory that one process had of those that were waited for, see {@link
   * WaitStatus#peakBytes}; 0 where nobody knows.
   */
  public synchronized long peakBytes() {
    return peakBytes;
  }

  /**
   * Sends a signal to the process's group, or to the process alone where it leads none; false, and
   * nothing is sent, when it was waited for.
   */
  public synchronized boolean signalGroup(int signal) throws OsException {
    return !ended && os.kill(leads ? -id.pid() : id.pid(), signal);
  }

  /** Acts on the children that this process has. */
  @FunctionalInterface
  public interface ChildrenStep {
    /** Makes the step. */
    void run() throws IOException;
  }

  /** Makes a step while nobody is waited for here, so that each child keeps its number. */
  public synchronized void whileNobodyIsWaitedFor(ChildrenStep step) throws IOException {
    step.run();
  }

  /**
   * Waits for the orphans that have come to this process and have ended, but not for the main
   * process; for a child subreaper that runs nothing else.
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
        // The child is not an orphan but a program that Guard had started, and has waited for
        // itself meanwhile.
      }
      child = os.peekEndedChild();
    }
    return ended || child.isPresent();
  }

  /**
   * Kills the process's group and the process itself, by calls that need no memory and no
   * descriptor. No effect when it was waited for.
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
      // The process may have left its group by setsid(2) or setpgid(2).
      os.kill(id.pid(), Signals.KILL);
    }
  }

  /** Closes the pidfd. A second call has no effect. */
  @Override
  public synchronized void close() throws OsException {
    if (pidfd >= 0) {
      int closing = pidfd;
      pidfd = -1;
      os.close(closing);
    }
  }
}
