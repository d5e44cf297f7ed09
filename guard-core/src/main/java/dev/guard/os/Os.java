package dev.guard.os;

import java.util.List;
import java.util.OptionalInt;

/**
 * The system calls Guard makes, and nothing else: no policy, no state. Every method that can fail
 * throws {@link OsException} with the operation and errno; file descriptors that are returned are
 * close-on-exec.
 */
public interface Os {
  /** This machine's implementation: glibc on Linux, through jffi. */
  static Os linux() {
    return LinuxOs.INSTANCE;
  }

  /** getpid(2). */
  int pid();

  /** geteuid(2). */
  int userId();

  /** getppid(2). */
  int parentPid();

  /** gettid(2) of the calling thread. */
  int threadId();

  /** getpgid(2); 0 is the caller. */
  int processGroup(int pid) throws OsException;

  /** getcwd(3), as bytes. */
  OsString workingDirectory() throws OsException;

  /** realpath(3), as bytes. */
  OsString realPath(OsString path) throws OsException;

  /**
   * posix_spawn(3): returns the pid once the process has exec'd, which a {@link SpawnSpec.Gate} can
   * delay.
   */
  int spawn(SpawnSpec spec) throws OsException;

  /**
   * execve(2): this process becomes another program, with the standard descriptors only and an
   * empty signal mask. Returns only by an exception.
   */
  void exec(OsString path, List<OsString> argv, List<OsString> environment) throws OsException;

  /**
   * waitpid(2) with WNOHANG and wait4(2)'s usage: reaps {@code pid}; null when it has not ended.
   */
  WaitStatus waitNoHang(int pid) throws OsException;

  /**
   * waitid(2), WSTOPPED | WNOHANG: the signal that stopped {@code pid} since the last call, if any.
   */
  OptionalInt takeStop(int pid);

  /**
   * waitid(2), P_ALL, WEXITED | WNOWAIT | WNOHANG: the pid of a child that has ended, without
   * reaping it.
   */
  OptionalInt peekEndedChild();

  /**
   * pidfd_open(2). -1 where there is none to be had: before Linux 5.3, or where a seccomp filter
   * refuses the call.
   */
  int pidfd(int pid) throws OsException;

  /**
   * waitid(2), P_PID, WEXITED | WNOWAIT | WNOHANG: whether a child has ended, without reaping it;
   * also true when somebody has waited for it.
   */
  boolean childHasEnded(int pid) throws OsException;

  /**
   * pidfd_send_signal(2). False when the process has gone.
   *
   * @param pidfd of the process, which no other can have
   */
  boolean signal(int pidfd, int signal) throws OsException;

  /**
   * clone3(2): whether a process can be started right in a cgroup, with CLONE_INTO_CGROUP. It is
   * asked for a cgroup that no descriptor can be, so none is ever started.
   *
   * @throws OsException when the kernel gives another answer than yes or no
   */
  boolean clonesIntoCgroup() throws OsException;

  /** getpgid(2): whether there is no such process, not even a zombie. */
  boolean hasGone(int pid);

  /** kill(2); a negative pid is a process group. False when there is no such process. */
  boolean kill(int pid, int signal) throws OsException;

  /**
   * poll(2): waits until one of the descriptors is readable, hung up or in error, or the time is
   * over. -1: forever. A signal ends no wait.
   */
  boolean[] poll(int[] descriptors, int timeoutMillis) throws OsException;

  /** pipe2(2) with O_CLOEXEC: read end, write end. */
  int[] pipe() throws OsException;

  /** open(2) with O_CLOEXEC. */
  int open(OsString path, int flags, int mode) throws OsException;

  /** read(2): the count, 0 at the end of the file, -1 when nothing is there now. */
  int read(int descriptor, byte[] buffer) throws OsException;

  /** write(2) until everything is written. */
  void write(int descriptor, byte[] bytes) throws OsException;

  /** fcntl(2), O_NONBLOCK: {@link #writeSome} does not wait for a reader. */
  void setNonBlocking(int descriptor) throws OsException;

  /** write(2): how many of the bytes were taken, 0 when none can be without blocking. */
  int writeSome(int descriptor, byte[] bytes) throws OsException;

  /**
   * fcntl(2), F_SETSIG and O_ASYNC: once the last writing end of this pipe is closed, the kernel
   * kills its {@link #setOwner owner}, as long as anybody has this reading end open.
   */
  void killAtHangup(int readingEnd) throws OsException;

  /** fcntl(2), F_SETOWN: the process that is signalled for this descriptor. */
  void setOwner(int descriptor, int pid) throws OsException;

  /**
   * fcntl(2), F_SETLEASE, F_WRLCK: whoever opens this file waits in open(2) until the descriptor is
   * closed, also by the death of this process, or for /proc/sys/fs/lease-break-time, which is 45 s.
   *
   * @param descriptor the only one of a regular file of this user
   * @return false where the file system has no leases
   */
  boolean holdOpens(int descriptor);

  /** close(2). */
  void close(int descriptor) throws OsException;

  /** flock(2), LOCK_EX | LOCK_NB: false when somebody else has the lock. */
  boolean lock(int descriptor) throws OsException;

  /** Calls flock(2) with LOCK_SH | LOCK_NB: false when somebody has the lock alone. */
  boolean lockShared(int descriptor) throws OsException;

  /** flock(2), LOCK_UN: also for copies of the descriptor that other processes may have. */
  void unlock(int descriptor) throws OsException;

  /** rename(2). */
  void rename(OsString from, OsString to) throws OsException;

  /** mkfifo(3) with mode 0600. */
  void makeFifo(OsString path) throws OsException;

  /** symlink(2). */
  void symbolicLink(OsString target, OsString path) throws OsException;

  /** unlink(2). */
  void unlink(OsString path) throws OsException;

  /** mkdir(2). */
  void makeDirectory(OsString path, int mode) throws OsException;

  /** rmdir(2). */
  void removeDirectory(OsString path) throws OsException;

  /**
   * faccessat(2) with AT_EACCESS, X_OK: whether the path is a program; 0, or the errno. Directories
   * are EACCES.
   */
  int executable(OsString path);

  /** eaccess(3), X_OK, of path/. : whether it is a directory that can be entered. */
  boolean isDirectory(OsString path);

  /** statvfs(3), ST_RDONLY: whether the mount that a path is on is read-only. */
  boolean isReadOnly(OsString path) throws OsException;

  /** prlimit(2), RLIMIT_NOFILE of {@code pid}. */
  Limit openFiles(int pid) throws OsException;

  /** prlimit(2): sets RLIMIT_NOFILE of {@code pid}. */
  void setOpenFiles(int pid, Limit limit) throws OsException;

  /** prlimit(2), RLIMIT_CPU of {@code pid}, in seconds. */
  Limit cpuSeconds(int pid) throws OsException;

  /** prlimit(2): sets RLIMIT_CPU of {@code pid}. */
  void setCpuSeconds(int pid, Limit limit) throws OsException;

  /** prlimit(2): no core dump from this process, whatever ends it. */
  void disableCoreDumps() throws OsException;

  /** prctl(2), PR_SET_CHILD_SUBREAPER: orphans of this process's tree become its children. */
  void becomeSubreaper() throws OsException;

  /** Sets the disposition of a signal in this process, for all of its threads. */
  void setSignal(int signal, Disposition disposition) throws OsException;

  /** raise(3): sends a signal to the calling thread, and returns after that has acted on it. */
  void raise(int signal) throws OsException;

  /** Gives a signal the handler of {@link #openSignalPipe} again. */
  void restoreHandler(int signal) throws OsException;

  /**
   * A pipe that gets one byte for each of these signals: its number, and 0x80 when the kernel has
   * sent it, as for a key on a terminal, and not kill(2). Empty where this architecture has no
   * handler. Of signals that the JVM needs itself only those come that another process has sent.
   */
  OptionalInt openSignalPipe(List<Integer> signals) throws OsException;

  /** tcgetpgrp(3): the foreground process group of a terminal. */
  int foregroundGroup(int terminal) throws OsException;

  /** tcsetpgrp(3), also from the background. */
  void setForegroundGroup(int terminal, int pgid) throws OsException;

  /** tcgetattr(3), as an opaque value for {@link #setTerminalModes}. */
  byte[] terminalModes(int terminal) throws OsException;

  /** tcsetattr(3), TCSANOW, also from the background. */
  void setTerminalModes(int terminal, byte[] modes) throws OsException;

  /** Soft and hard value of a limit; -1 is RLIM_INFINITY. */
  record Limit(long soft, long hard) {}

  /** What a signal does to this process. */
  enum Disposition {
    DEFAULT,
    IGNORE
  }

  /** Flags of open(2), for x86-64 and aarch64. */
  final class Open {
    public static final int READ = 0;
    public static final int WRITE = 1;
    public static final int READ_WRITE = 2;
    public static final int CREATE = 0100;
    public static final int EXCLUSIVE = 0200;
    public static final int TRUNCATE = 01000;
    public static final int APPEND = 02000;
    public static final int NONBLOCK = 04000;
    public static final int NOFOLLOW =
        System.getProperty("os.arch").equals("amd64") ? 0400000 : 0100000;
    public static final int PATH = 010000000;
    public static final int CLOEXEC = 02000000;

    private Open() {}
  }
}
