package dev.guard.os;

/**
 * Says how a process ended, see wait(2).
 *
 * @param code the exit code 0..255, or -1 when a signal ended it
 * @param signal the signal that ended it, or 0 when it exited
 * @param cpuMicros user + system time of it and of the children it waited for, in microseconds, see
 *     getrusage(2)
 * @param peakBytes ru_maxrss: the most memory of it or of a child that it waited for, and no less
 *     than that of the JVM, whose memory the child shared until its exec
 */
public record WaitStatus(int code, int signal, long cpuMicros, long peakBytes) {
  /** The status of a process that somebody else has waited for, see ECHILD in wait(2). */
  public static final WaitStatus UNKNOWN = new WaitStatus(255, 0, 0, 0);

  /**
   * Waits for a child if it has ended.
   *
   * @return null as long as it runs; {@link #UNKNOWN} where somebody else has waited for it, as
   *     other code in this process may, that waits for whatever child there is, and posix_spawn(3)
   *     for what did not come to its exec
   */
  static WaitStatus ofEnded(WaitCalls os, int pid) throws OsException {
    try {
      return os.waitNoHang(pid);
    } catch (OsException e) {
      if (e.errno() != Errno.ECHILD) {
        throw e;
      }
      return UNKNOWN;
    }
  }

  /**
   * Tells whether the status is as {@link #UNKNOWN}; no process that was waited for has used no
   * time at all.
   */
  public boolean isUnknown() {
    return code == UNKNOWN.code && signal == 0 && cpuMicros == 0;
  }

  /** Answers the status as a shell shows it: the exit code, or 128 + the signal. */
  public int shellStatus() {
    return signal == 0 ? code : 128 + signal;
  }
}
