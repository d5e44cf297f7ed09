package dev.guard.os;

/** Calls that read and set the limits of a process, see getrlimit(2). */
public interface LimitCalls {
  /** Calls prlimit(2) for RLIMIT_NOFILE of {@code pid}. */
  Limit openFiles(int pid) throws OsException;

  /** Calls prlimit(2), which sets RLIMIT_NOFILE of {@code pid}. */
  void setOpenFiles(int pid, Limit limit) throws OsException;

  /** Calls prlimit(2) for RLIMIT_CPU of {@code pid}, in seconds. */
  Limit cpuSeconds(int pid) throws OsException;

  /** Calls prlimit(2), which sets RLIMIT_CPU of {@code pid}. */
  void setCpuSeconds(int pid, Limit limit) throws OsException;

  /** Holds the soft and the hard value of a limit; -1 is RLIM_INFINITY. */
  record Limit(long soft, long hard) {}
}
