package dev.guard.os;

import java.io.IOException;

/**
 * Stands for the main process of a command. All questions for its end, and all signals to its
 * group, go through here, so that no signal is sent to a number that its parent has given back by
 * waiting. Safe for use by many threads.
 */
public interface MainProcess extends ExitSource, AutoCloseable {
  /** Says which process this is. */
  ProcessId id();

  /** Answers the process's pid, which is also its process group if it leads one. */
  default int pid() {
    return id().pid();
  }

  /** Tells whether its number may be another's, since it was waited for. */
  boolean hasBeenWaitedFor();

  /**
   * Answers the most memory that one process had of those that were waited for, see {@link
   * WaitStatus#peakBytes}; 0 where nobody knows.
   */
  long peakBytes();

  /**
   * Sends a signal to the process's group, or to the process alone where it leads none; false, and
   * nothing is sent, when it was waited for.
   */
  boolean signalGroup(int signal) throws OsException;

  /**
   * Reads the most memory that the process which made it has had, in bytes: the kernel counts that
   * as the child's own until its exec, see setmax_mm_hiwater_rss in fs/exec.c. 0: next to nothing.
   */
  default long peakOfMaker(Procfs procfs) throws IOException {
    return procfs.peakOfSelf();
  }

  /**
   * Kills the process's group and the process itself, by calls that need no memory and no
   * descriptor. No effect when it was waited for.
   */
  void kill() throws OsException;

  /** Closes the descriptors of this. A second call has no effect. */
  @Override
  void close() throws OsException;
}
