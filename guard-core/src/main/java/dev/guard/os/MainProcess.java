package dev.guard.os;

import java.io.IOException;

/**
 * The main process of a command: who asks for its end, or signals its group, does that here, so that
 * its parent, who waits for it, and whoever signals it never work against each other. Safe for use
 * by many threads.
 */
public interface MainProcess extends ExitSource, AutoCloseable {
  /** Says which process it is. */
  ProcessId id();

  /** Answers its pid, which is also its process group if it leads one. */
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
   * Sends a signal to its process group, or to it alone where it leads none; false, and nothing is
   * sent, when it was waited for.
   */
  boolean signalGroup(int signal) throws OsException;

  /** Does something with the children that its parent has. */
  @FunctionalInterface
  interface ChildrenStep {
    /** Does it. */
    void run() throws IOException;
  }

  /** Does something while nobody is waited for, so that each child keeps its number. */
  void whileNobodyIsWaitedFor(ChildrenStep step) throws IOException;

  /**
   * Waits for the orphans that have come to this process and have ended, but not for the main
   * process; for a child subreaper that runs nothing else.
   *
   * @return whether the main process has ended
   */
  boolean waitForOrphans() throws OsException;

  /**
   * Kills its process group and itself, by what needs no memory and no descriptor. No effect when
   * it was waited for.
   */
  void kill() throws OsException;

  /** Closes the descriptors it has. Again: no effect. */
  @Override
  void close() throws OsException;
}
