package dev.guard.os;

import java.util.OptionalInt;

/** Calls that tell how children of this process have stopped or ended. */
public interface WaitCalls {
  /**
   * Calls wait4(2) with WNOHANG, which reaps {@code pid} and answers its usage; null when it has
   * not ended.
   */
  WaitStatus waitNoHang(int pid) throws OsException;

  /**
   * Calls waitid(2) with WSTOPPED | WNOHANG, and answers the signal that stopped {@code pid} since
   * the last call, if any.
   */
  OptionalInt takeStop(int pid);

  /**
   * Calls waitid(2) with P_ALL, WEXITED | WNOWAIT | WNOHANG, and answers the pid of a child that
   * has ended, without reaping it.
   */
  OptionalInt peekEndedChild();

  /**
   * Calls waitid(2) with P_PID, WEXITED | WNOWAIT | WNOHANG, to tell whether a child has ended,
   * without reaping it; also true when somebody has waited for it.
   */
  boolean childHasEnded(int pid) throws OsException;
}
