package dev.guard.os;

/**
 * How a process ended, see wait(2).
 *
 * @param code the exit code 0..255, or -1 when a signal ended it
 * @param signal the signal that ended it, or 0 when it exited
 * @param cpuMicros user + system time of it and of the children it waited for, in microseconds, see
 *     getrusage(2)
 * @param peakBytes ru_maxrss: the most memory of it or of a child that it waited for, and no less
 *     than that of the JVM, whose memory the child shared until its exec
 */
public record WaitStatus(int code, int signal, long cpuMicros, long peakBytes) {
  /** It has ended, and somebody else in this process has taken how, see ECHILD in wait(2). */
  public static final WaitStatus UNKNOWN = new WaitStatus(255, 0, 0, 0);

  /** Whether it is as {@link #UNKNOWN}; no process that was waited for has used no time at all. */
  public boolean isUnknown() {
    return code == UNKNOWN.code && signal == 0 && cpuMicros == 0;
  }

  /** The status as a shell shows it: the exit code, or 128 + the signal. */
  public int shellStatus() {
    return signal == 0 ? code : 128 + signal;
  }
}
