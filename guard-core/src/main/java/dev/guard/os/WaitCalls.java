package dev.guard.os;

/** Calls that tell how children of this process have stopped or ended. */
public interface WaitCalls {
  /**
   * Calls wait4(2) with WNOHANG, which reaps {@code pid} and answers its usage; null when it has
   * not ended.
   */
  WaitStatus waitNoHang(int pid) throws OsException;

  /**
   * Calls waitid(2) with P_PID, WEXITED | WNOWAIT | WNOHANG, to tell whether a child has ended,
   * without reaping it; also true when somebody has waited for it.
   */
  boolean childHasEnded(int pid) throws OsException;
}
