package dev.guard.os;

import dev.guard.os.Libc.Arena;
import java.util.List;

/** Starts, finds and signals processes by the C library. */
interface LinuxProcesses extends ProcessCalls {
  int PR_SET_CHILD_SUBREAPER = 36;
  int SYS_PIDFD_SEND_SIGNAL = 424;
  int SYS_PIDFD_OPEN = 434;
  int SYS_CLOSE_RANGE = 436;
  int CLOSE_RANGE_CLOEXEC = 4;
  int SYS_CLONE3 = 435;
  // struct clone_args of linux/sched.h, in its second revision, which has the cgroup.
  int CLONE_ARGS_SIZE = 88;
  int CLONE_FLAGS = 0;
  int CLONE_EXIT_SIGNAL = 32;
  int CLONE_CGROUP = 80;
  long CLONE_INTO_CGROUP = 0x200000000L;
  int SIGCHLD = 17;
  int SYS_GETTID = System.getProperty("os.arch").equals("amd64") ? 186 : 178;
  int SIG_SETMASK = 2;
  int SIGSET_SIZE = 128;
  Libc EXECVE = new Libc("execve");
  Libc GETPID = new Libc("getpid");
  Libc GETEUID = new Libc("geteuid");
  Libc GETPPID = new Libc("getppid");
  Libc GETPGID = new Libc("getpgid");
  Libc GETRANDOM = new Libc("getrandom");
  Libc KILL = new Libc("kill");
  Libc PRCTL = new Libc("prctl");
  Libc SIGMASK = new Libc("pthread_sigmask");
  Libc SYSCALL = new Libc("syscall");
  Libc EXIT = new Libc("_exit");

  /** Keeps what does not change while a JVM lives, and is asked for again and again. */
  final class Own {
    private static final int PID = GETPID.call();
    private static final int USER = GETEUID.call();

    private Own() {}
  }

  @Override
  default int pid() {
    return Own.PID;
  }

  @Override
  default int userId() {
    return Own.USER;
  }

  @Override
  default int parentPid() {
    return GETPPID.call();
  }

  @Override
  default int threadId() {
    return SYSCALL.call(SYS_GETTID);
  }

  @Override
  default byte[] random(int count) throws OsException {
    try (Arena arena = new Arena()) {
      long memory = arena.allocate(count);
      // Up to 256 bytes come at once, or none.
      GETRANDOM.check("", memory, count, 0);
      byte[] bytes = new byte[count];
      Libc.MEMORY.getByteArray(memory, bytes, 0, count);
      return bytes;
    }
  }

  @Override
  default int processGroup(int pid) throws OsException {
    return GETPGID.check("of " + pid, pid);
  }

  @Override
  default boolean hasGone(int pid) {
    return GETPGID.call(pid) == -1;
  }

  @Override
  default int spawn(SpawnSpec spec) throws OsException {
    return Spawner.spawn(spec);
  }

  @Override
  default void exec(OsString path, List<OsString> argv, List<OsString> environment)
      throws OsException {
    try (Arena arena = new Arena()) {
      long set = arena.allocate(SIGSET_SIZE);
      // Before 5.11 there is no such flag: then the JVM's own descriptors are inherited.
      SYSCALL.call(SYS_CLOSE_RANGE, 3, ~0, CLOSE_RANGE_CLOEXEC);
      SIGMASK.call(SIG_SETMASK, set, 0);
      EXECVE.check(
          path.toString(),
          arena.string(path),
          Spawner.vector(arena, argv),
          Spawner.vector(arena, environment));
    }
  }

  @Override
  default boolean clonesIntoCgroup() throws OsException {
    try (Arena arena = new Arena()) {
      long arguments = arena.allocate(CLONE_ARGS_SIZE);
      Libc.MEMORY.putLong(arguments + CLONE_FLAGS, CLONE_INTO_CGROUP);
      Libc.MEMORY.putLong(arguments + CLONE_EXIT_SIGNAL, SIGCHLD);
      // Larger than fs.nr_open can be, so never open, and not larger than the kernel takes.
      Libc.MEMORY.putLong(arguments + CLONE_CGROUP, Integer.MAX_VALUE);
      int answer = SYSCALL.call(SYS_CLONE3, arguments, CLONE_ARGS_SIZE);
      if (answer == 0) {
        // Linux never gets here. Whatever process this is, it must not go on as a second guard.
        EXIT.call(0);
      }
      return switch (answer == -1 ? Libc.errno() : 0) {
        case Errno.EBADF -> true;
          // A seccomp filter, as a container engine's, says either of the first two.
        case Errno.ENOSYS, Errno.EPERM, Errno.EINVAL, Errno.E2BIG -> false;
        default -> throw SYSCALL.failure("clone3 into a cgroup", Libc.errno());
      };
    }
  }

  @Override
  default void becomeSubreaper() throws OsException {
    PRCTL.check("PR_SET_CHILD_SUBREAPER", PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  }

  @Override
  default boolean kill(int pid, int signal) throws OsException {
    if (pid == 0 || pid == -1) {
      throw new IllegalArgumentException("kill " + pid + " is not a process or group of ours");
    }
    if (KILL.call(pid, signal) == 0) {
      return true;
    }
    if (Libc.errno() == Errno.ESRCH) {
      return false;
    }
    throw KILL.failure(pid + " with " + signal, Libc.errno());
  }

  @Override
  default int pidfd(int pid) throws OsException {
    int pidfd = SYSCALL.restarted(SYS_PIDFD_OPEN, pid, 0);
    if (pidfd >= 0) {
      return pidfd;
    }
    return switch (Libc.errno()) {
        // The kernel itself never says EPERM, but old filters do of what they do not know.
      case Errno.ENOSYS, Errno.EPERM -> -1;
      default -> throw SYSCALL.failure("pidfd_open " + pid, Libc.errno());
    };
  }

  @Override
  default boolean signal(int pidfd, int signal) throws OsException {
    if (SYSCALL.call(SYS_PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0) == 0) {
      return true;
    }
    if (Libc.errno() == Errno.ESRCH) {
      return false;
    }
    throw SYSCALL.failure("pidfd_send_signal " + signal, Libc.errno());
  }
}
