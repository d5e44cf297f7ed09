package dev.guard.os;

import java.util.OptionalInt;

/** Calls that tell how children of this process have stopped or ended. */
public interface WaitCalls {
  /**
   * Calls waitpid(2) with WNOHANG and wait4(2)'s usage: reaps {@code pid}; null when it has not
   * ended.
   */
  WaitStatus waitNoHang(int pid) throws OsException;

  /**
   * Calls waitid(2) with WSTOPPED | WNOHANG: the signal that stopped {@code pid} since the last
   * call, if any.
   */
  OptionalInt takeStop(int pid);

  /**
   * Calls waitid(2) with P_ALL, WEXITED | WNOWAIT | WNOHANG: the pid of a child that has ended,
   * without reaping it.
   */
  OptionalInt peekEndedChild();

  /**
   * Calls waitid(2) with P_PID, WEXITED | WNOWAIT | WNOHANG: whether a child has ended, without
   * reaping it; also true when somebody has waited for it.
   */
  boolean childHasEnded(int pid) throws OsException;
}
