package dev.guard.os;

import java.util.List;

/** Calls that start processes, tell which ones there are, and signal them. */
public interface ProcessCalls {
  /** Calls getpid(2). */
  int pid();

  /** Calls geteuid(2). */
  int userId();

  /** Calls getppid(2). */
  int parentPid();

  /** Calls gettid(2) of the calling thread. */
  int threadId();

  /** Calls getrandom(2), and answers so many bytes, of at most 256. */
  byte[] random(int count) throws OsException;

  /** Calls getpgid(2); 0 means the caller. */
  int processGroup(int pid) throws OsException;

  /** Calls getpgid(2), to tell whether there is no such process, not even a zombie. */
  boolean hasGone(int pid);

  /**
   * Calls posix_spawn(3), and answers the pid once the process has exec'd, which a {@link
   * SpawnSpec.ExecGate} can delay.
   */
  int spawn(SpawnSpec spec) throws OsException;

  /**
   * Calls execve(2), so that this process becomes another program, with the standard descriptors
   * only and an empty signal mask. The method returns only by an exception.
   */
  void exec(OsString path, List<OsString> argv, List<OsString> environment) throws OsException;

  /**
   * Calls clone3(2), to tell whether a process can be started right in a cgroup, with
   * CLONE_INTO_CGROUP. The cgroup is named by a descriptor that none can be, so no process is ever
   * started.
   *
   * @throws OsException when the kernel gives another answer than yes or no
   */
  boolean clonesIntoCgroup() throws OsException;

  /**
   * Calls prctl(2) with PR_SET_CHILD_SUBREAPER, so that orphans of this process's tree become its
   * children.
   */
  void becomeSubreaper() throws OsException;

  /**
   * Calls kill(2); a negative pid is a process group. Answers false when there is no such process.
   */
  boolean kill(int pid, int signal) throws OsException;

  /**
   * Calls pidfd_open(2). Answers -1 where there is none to be had: before Linux 5.3, or where a
   * seccomp filter refuses the call.
   */
  int pidfd(int pid) throws OsException;

  /**
   * Calls pidfd_send_signal(2). Answers false when the process has gone.
   *
   * @param pidfd a pidfd of the process, which no other can have
   */
  boolean signal(int pidfd, int signal) throws OsException;
}
