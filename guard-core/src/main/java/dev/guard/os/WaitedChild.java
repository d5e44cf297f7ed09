package dev.guard.os;

/**
 * A waited child is a main process that is a child of this process: here alone it, and whoever of
 * its tree comes to this process as an orphan, is waited for.
 *
 * <p>A number is free for another process as soon as its own was waited for. Waiting and signalling
 * happen under one lock, so that no signal can go to another. Safe for use by many threads.
 */
public final class WaitedChild implements MainProcess {
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
   * @param pidfd of it, which is closed with this; -1 where there is none
   * @param leads whether it leads a process group of its own; else its group is its caller's, which
   *     is never signalled
   */
  public WaitedChild(Os os, ProcessId id, int pidfd, boolean leads) {
    this.os = os;
    this.id = id;
    this.leads = leads;
    this.pidfd = pidfd;
  }

  @Override
  public ProcessId id() {
    return id;
  }

  @Override
  public int pid() {
    return id.pid();
  }

  @Override
  public synchronized int pidfd() {
    return pidfd;
  }

  @Override
  public synchronized boolean hasEnded() throws OsException {
    if (!ended) {
      status = WaitStatus.ofEnded(os, id.pid());
      ended = status != null;
      peakBytes = ended ? Math.max(peakBytes, status.peakBytes()) : peakBytes;
    }
    return ended;
  }

  @Override
  public synchronized boolean hasBeenWaitedFor() {
    return ended;
  }

  @Override
  public synchronized WaitStatus status() {
    return status;
  }

  @Override
  public synchronized long peakBytes() {
    return peakBytes;
  }

  @Override
  public synchronized boolean signalGroup(int signal) throws OsException {
    return !ended && os.kill(leads ? -id.pid() : id.pid(), signal);
  }

  @Override
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

  @Override
  public synchronized void close() throws OsException {
    if (pidfd >= 0) {
      int closing = pidfd;
      pidfd = -1;
      os.close(closing);
    }
  }
}
