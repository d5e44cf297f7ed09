package dev.guard.os;

import java.io.IOException;
import java.util.Optional;

/**
 * Identifies a process, and never a later one with the same number. The older one comes first, so
 * that a shell gets a signal before the child that it waits for.
 *
 * @param startTicks the process's start time, see {@link Procfs.Stat}; since the same boot
 */
public record ProcessId(int pid, long startTicks) implements Comparable<ProcessId> {
  /** Finds the process that has this pid now; one that has gone never lives. */
  public static ProcessId of(int pid, Procfs procfs) throws IOException {
    return new ProcessId(pid, procfs.stat(pid).map(Procfs.Stat::startTicks).orElse(0L));
  }

  @Override
  public int compareTo(ProcessId other) {
    int older = Long.compare(startTicks, other.startTicks);
    return older == 0 ? Integer.compare(pid, other.pid) : older;
  }

  /**
   * Tells whether the process was stopped, so that it does not ask for anything: see STOP in
   * signal(7).
   */
  public boolean isStopped(Procfs procfs) throws IOException {
    char state = procfs.stat(pid).map(Procfs.Stat::state).orElse('X');
    return state == 'T' || state == 't';
  }

  // A record's own equals and hashCode are made when they are first called, which takes 30 ms of
  // the start of guard exec.
  @Override
  public boolean equals(Object other) {
    return other instanceof ProcessId p && p.pid == pid && p.startTicks == startTicks;
  }

  @Override
  public int hashCode() {
    return 31 * pid + Long.hashCode(startTicks);
  }

  /** Tells whether the process runs; a zombie does not. */
  public boolean lives(Procfs procfs) throws IOException {
    Optional<Procfs.Stat> stat = procfs.stat(pid);
    return stat.isPresent() && !stat.get().ended() && stat.get().startTicks() == startTicks;
  }

  /**
   * Sends the process a signal. The signal goes by a pidfd, which is opened before the question who
   * it is, so that the number can not become another's in between.
   *
   * @return false when the process has gone
   */
  public boolean signal(Os os, Procfs procfs, int signal) throws IOException {
    int pidfd;
    try {
      pidfd = os.pidfd(pid);
    } catch (OsException e) {
      if (e.errno() == Errno.ESRCH) {
        return false;
      }
      // The cause is e.g. that no descriptor can be had: a process that has to end must end all the
      // same.
      return lives(procfs) && os.kill(pid, signal);
    }
    if (pidfd < 0) {
      return lives(procfs) && os.kill(pid, signal);
    }
    try {
      return lives(procfs) && os.signal(pidfd, signal);
    } catch (OsException e) {
      // A seccomp filter may refuse the call where it lets pidfd_open pass; kill(2) says whether
      // the process is there.
      return lives(procfs) && os.kill(pid, signal);
    } finally {
      os.close(pidfd);
    }
  }
}
