package dev.guard.gateway;

import dev.guard.os.MainProcess;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.os.Signals;
import dev.guard.os.WaitStatus;
import java.io.IOException;

/**
 * The main process of a command as a child of its shim. The shim tells how it has ended, and waits
 * for it only when the command has its result or the gateway has gone: until then its number, and
 * that of its group, are no other's.
 */
final class ShimChild implements MainProcess {
  private final Os os;
  private final Procfs procfs;
  private final ProcessId shim;
  private final ProcessId id;
  private final boolean leads;
  private final boolean detached;
  private final int pidfd;
  private WaitStatus status;
  private long peakBytes;
  private boolean shimHasGone;
  private Runnable listener = () -> {};
  private boolean closed;

  /**
   * Takes the child of a shim.
   *
   * @param leads whether it leads a process group of its own; else its group is its caller's, which
   *     is never signalled
   * @param detached whether it goes on without its shim, and ends on time while that is stopped
   */
  ShimChild(Os os, Procfs procfs, ProcessId shim, ProcessId id, boolean leads, boolean detached)
      throws OsException {
    this.os = os;
    this.procfs = procfs;
    this.shim = shim;
    this.id = id;
    this.leads = leads;
    this.detached = detached;
    this.pidfd = os.pidfd(id.pid());
  }

  /** Takes note of its end, as its parent has seen it. */
  void ended(WaitStatus how) {
    synchronized (this) {
      if (status != null) {
        return;
      }
      status = how;
      peakBytes = how.peakBytes();
    }
    tell();
  }

  /** Takes note that nobody will tell how it has ended. */
  void shimHasGone() {
    synchronized (this) {
      shimHasGone = true;
    }
    tell();
  }

  private void tell() {
    Runnable told;
    synchronized (this) {
      told = listener;
    }
    told.run();
  }

  @Override
  public boolean whenEnded(Runnable told) {
    boolean already;
    synchronized (this) {
      listener = told;
      already = status != null || shimHasGone;
    }
    if (already) {
      told.run();
    }
    return true;
  }

  @Override
  public ProcessId id() {
    return id;
  }

  @Override
  public int pidfd() {
    return -1;
  }

  @Override
  public synchronized boolean hasEnded() throws OsException {
    if (status == null && (shimHasGone || shimIsStopped()) && !lives()) {
      // Whoever has adopted it has waited for it; a shim that is stopped tells nothing.
      status = WaitStatus.UNKNOWN;
    }
    return status != null;
  }

  /** Answers false while the shim is stopped, as with its command by Ctrl-Z. */
  @Override
  public boolean isAttended() {
    return detached || !shimIsStopped();
  }

  private boolean shimIsStopped() {
    try {
      return shim.isStopped(procfs);
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public synchronized boolean mustBeLookedFor() {
    return shimHasGone && status == null;
  }

  private boolean lives() {
    try {
      return id.lives(procfs);
    } catch (IOException e) {
      return true;
    }
  }

  @Override
  public synchronized boolean hasBeenWaitedFor() {
    return status != null;
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
  public long peakOfMaker(Procfs procfs) {
    // The shim's, of less than a megabyte.
    return 0;
  }

  @Override
  public synchronized boolean signalGroup(int signal) throws OsException {
    return isSurelyThere() && os.kill(leads ? -id.pid() : id.pid(), signal);
  }

  /** A zombie that the shim has not waited for keeps the number; without a shim it may be free. */
  private boolean isSurelyThere() {
    return status == null && (!shimHasGone || lives());
  }

  @Override
  public synchronized void kill() throws OsException {
    if (!isSurelyThere()) {
      return;
    }
    try {
      if (leads) {
        os.kill(-id.pid(), Signals.KILL);
      }
    } finally {
      if (pidfd >= 0) {
        os.signal(pidfd, Signals.KILL);
      } else {
        os.kill(id.pid(), Signals.KILL);
      }
    }
  }

  @Override
  public synchronized void close() throws OsException {
    if (closed) {
      return;
    }
    closed = true;
    if (pidfd >= 0) {
      os.close(pidfd);
    }
  }
}
