package dev.guard.os;

import dev.guard.os.Libc.Arena;
import java.util.List;
import java.util.OptionalInt;

/** {@link Os} by the C library's functions. */
final class LinuxOs implements Os {
  static final LinuxOs INSTANCE = new LinuxOs();

  private static final int RLIMIT_NOFILE = 7;
  private static final int RLIMIT_CORE = 4;
  private static final int RLIMIT_CPU = 0;
  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int F_SETOWN = 8;
  private static final int F_SETSIG = 10;
  private static final int F_SETLEASE = 1024;
  private static final int F_WRLCK = 1;
  private static final int O_ASYNC = 020000;
  private static final int PR_SET_CHILD_SUBREAPER = 36;
  private static final int SYS_PIDFD_SEND_SIGNAL = 424;
  private static final int SYS_PIDFD_OPEN = 434;
  private static final int SYS_CLOSE_RANGE = 436;
  private static final int CLOSE_RANGE_CLOEXEC = 4;
  private static final int SYS_CLONE3 = 435;
  // struct clone_args of linux/sched.h, in its second revision, which has the cgroup.
  private static final int CLONE_ARGS_SIZE = 88;
  private static final int CLONE_FLAGS = 0;
  private static final int CLONE_EXIT_SIGNAL = 32;
  private static final int CLONE_CGROUP = 80;
  private static final long CLONE_INTO_CGROUP = 0x200000000L;
  private static final int SIGCHLD = 17;
  private static final int SYS_GETTID = System.getProperty("os.arch").equals("amd64") ? 186 : 178;
  private static final int X_OK = 1;
  // Not TCSADRAIN: that would wait for as long as the output is held by Ctrl-S.
  private static final int TCSANOW = 0;
  private static final int SIG_BLOCK = 0;
  private static final int SIG_SETMASK = 2;
  private static final int SIGSET_SIZE = 128;
  private static final int TERMIOS_SIZE = 60;
  private static final int WNOHANG = 1;
  private static final int WSTOPPED = 2;
  private static final int WEXITED = 4;
  private static final int WNOWAIT = 0x01000000;
  private static final int LOCK_EX_NB = 2 | 4;
  private static final int LOCK_SH_NB = 5;
  private static final int LOCK_UN = 8;
  private static final int P_ALL = 0;
  private static final int P_PID = 1;
  // siginfo_t on 64-bit machines.
  private static final int SIGINFO_SIZE = 128;
  private static final int SI_PID = 16;
  private static final int SI_STATUS = 24;
  // struct rusage: ru_utime, ru_stime, 16 bytes each, then counters, the first ru_maxrss in KiB.
  private static final int RUSAGE_SIZE = 144;
  private static final int RU_MAXRSS = 32;
  private static final int POLLIN = 1;
  private static final int PATH_MAX = 4096;
  // struct statvfs on 64-bit machines; glibc asks for room after it.
  private static final int STATVFS_SIZE = 128;
  private static final int F_FLAG = 72;
  private static final long ST_RDONLY = 1;

  private static final Libc EXECVE = new Libc("execve");
  private static final Libc GETPID = new Libc("getpid");
  private static final Libc GETEUID = new Libc("geteuid");
  private static final Libc GETPPID = new Libc("getppid");
  private static final Libc GETPGID = new Libc("getpgid");
  private static final Libc GETCWD = new Libc("getcwd");
  private static final Libc REALPATH = new Libc("realpath");
  private static final Libc WAIT4 = new Libc("wait4");
  private static final Libc WAITID = new Libc("waitid");
  private static final Libc KILL = new Libc("kill");
  private static final Libc POLL = new Libc("poll");
  private static final Libc PIPE2 = new Libc("pipe2");
  private static final Libc OPEN = new Libc("open");
  private static final Libc READ = new Libc("read");
  private static final Libc WRITE = new Libc("write");
  private static final Libc CLOSE = new Libc("close");
  private static final Libc FCNTL = new Libc("fcntl");
  private static final Libc FLOCK = new Libc("flock");
  private static final Libc RENAME = new Libc("rename");
  private static final Libc MKFIFO = new Libc("mkfifo");
  private static final Libc SYMLINK = new Libc("symlink");
  private static final Libc UNLINK = new Libc("unlink");
  private static final Libc MKDIR = new Libc("mkdir");
  private static final Libc RMDIR = new Libc("rmdir");
  private static final Libc EACCESS = new Libc("eaccess");
  private static final Libc ACCESS = new Libc("access");
  private static final Libc STATVFS = new Libc("statvfs");
  private static final Libc PRLIMIT = new Libc("prlimit");
  private static final Libc PRCTL = new Libc("prctl");
  private static final Libc TCGETPGRP = new Libc("tcgetpgrp");
  private static final Libc TCSETPGRP = new Libc("tcsetpgrp");
  private static final Libc TCGETATTR = new Libc("tcgetattr");
  private static final Libc TCSETATTR = new Libc("tcsetattr");
  private static final Libc RAISE = new Libc("raise");
  private static final Libc SIGMASK = new Libc("pthread_sigmask");
  private static final Libc SYSCALL = new Libc("syscall");
  private static final Libc EXIT = new Libc("_exit");

  private volatile long signalHandler;

  private LinuxOs() {}

  @Override
  public int pid() {
    return GETPID.call();
  }

  @Override
  public int userId() {
    return GETEUID.call();
  }

  @Override
  public int parentPid() {
    return GETPPID.call();
  }

  @Override
  public int threadId() {
    return SYSCALL.call(SYS_GETTID);
  }

  @Override
  public int processGroup(int pid) throws OsException {
    return GETPGID.check("of " + pid, pid);
  }

  @Override
  public OsString workingDirectory() throws OsException {
    try (Arena arena = new Arena()) {
      long buffer = arena.allocate(PATH_MAX);
      if (GETCWD.callLong(buffer, PATH_MAX) == 0) {
        throw GETCWD.failure("", Libc.errno());
      }
      return OsString.ofBytes(Libc.MEMORY.getZeroTerminatedByteArray(buffer));
    }
  }

  @Override
  public OsString realPath(OsString path) throws OsException {
    try (Arena arena = new Arena()) {
      long buffer = arena.allocate(PATH_MAX);
      long name = arena.string(path);
      while (REALPATH.callLong(name, buffer) == 0) {
        if (Libc.errno() != Errno.EINTR) {
          throw REALPATH.failure(path.toString(), Libc.errno());
        }
      }
      return OsString.ofBytes(Libc.MEMORY.getZeroTerminatedByteArray(buffer));
    }
  }

  @Override
  public int spawn(SpawnSpec spec) throws OsException {
    return Spawner.spawn(spec);
  }

  @Override
  public void exec(OsString path, List<OsString> argv, List<OsString> environment)
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
  public WaitStatus waitNoHang(int pid) throws OsException {
    try (Arena arena = new Arena()) {
      long status = arena.allocate(8);
      long usage = arena.allocate(RUSAGE_SIZE);
      if (WAIT4.check("for " + pid, pid, status, WNOHANG, usage) == 0) {
        return null;
      }
      long cpu = 0;
      for (int i = 0; i < 2; i++) {
        cpu +=
            Libc.MEMORY.getLong(usage + 16L * i) * 1_000_000
                + Libc.MEMORY.getLong(usage + 16L * i + 8);
      }
      long peak = Libc.MEMORY.getLong(usage + RU_MAXRSS) * 1024;
      int word = Libc.MEMORY.getInt(status);
      int signal = word & 0x7f;
      return signal == 0
          ? new WaitStatus((word >> 8) & 0xff, 0, cpu, peak)
          : new WaitStatus(-1, signal, cpu, peak);
    }
  }

  @Override
  public OptionalInt takeStop(int pid) {
    return waitid(P_PID, pid, WSTOPPED | WNOHANG, SI_STATUS);
  }

  @Override
  public OptionalInt peekEndedChild() {
    return waitid(P_ALL, 0, WEXITED | WNOWAIT | WNOHANG, SI_PID);
  }

  private static OptionalInt waitid(int type, int id, int options, int field) {
    try (Arena arena = new Arena()) {
      long info = arena.allocate(SIGINFO_SIZE);
      // ECHILD: nothing to report, as when no child has changed.
      if (WAITID.restarted(type, id, info, options) != 0
          || Libc.MEMORY.getInt(info + SI_PID) == 0) {
        return OptionalInt.empty();
      }
      return OptionalInt.of(Libc.MEMORY.getInt(info + field));
    }
  }

  @Override
  public boolean hasGone(int pid) {
    return GETPGID.call(pid) == -1;
  }

  @Override
  public int pidfd(int pid) throws OsException {
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
  public boolean childHasEnded(int pid) throws OsException {
    try (Arena arena = new Arena()) {
      long info = arena.allocate(SIGINFO_SIZE);
      if (WAITID.restarted(P_PID, pid, info, WEXITED | WNOWAIT | WNOHANG) == 0) {
        return Libc.MEMORY.getInt(info + SI_PID) != 0;
      }
      if (Libc.errno() == Errno.ECHILD) {
        return true;
      }
      throw WAITID.failure("for " + pid, Libc.errno());
    }
  }

  @Override
  public boolean signal(int pidfd, int signal) throws OsException {
    if (SYSCALL.call(SYS_PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0) == 0) {
      return true;
    }
    if (Libc.errno() == Errno.ESRCH) {
      return false;
    }
    throw SYSCALL.failure("pidfd_send_signal " + signal, Libc.errno());
  }

  @Override
  public boolean clonesIntoCgroup() throws OsException {
    try (Arena arena = new Arena()) {
      long arguments = arena.allocate(CLONE_ARGS_SIZE);
      Libc.MEMORY.putLong(arguments + CLONE_FLAGS, CLONE_INTO_CGROUP);
      Libc.MEMORY.putLong(arguments + CLONE_EXIT_SIGNAL, SIGCHLD);
      // Larger than fs.nr_open can be, so never open, and not larger than the kernel takes.
      Libc.MEMORY.putLong(arguments + CLONE_CGROUP, Integer.MAX_VALUE);
      int answer = SYSCALL.call(SYS_CLONE3, arguments, CLONE_ARGS_SIZE);
      if (answer == 0) {
        // Not by Linux. Whoever this is, it must not go on as a second guard.
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
  public boolean kill(int pid, int signal) throws OsException {
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
  public boolean[] poll(int[] descriptors, int timeoutMillis) throws OsException {
    long start = System.nanoTime();
    try (Arena arena = new Arena()) {
      long fds = arena.allocate(8L * descriptors.length);
      for (int i = 0; i < descriptors.length; i++) {
        Libc.MEMORY.putInt(fds + 8L * i, descriptors[i]);
        Libc.MEMORY.putShort(fds + 8L * i + 4, (short) POLLIN);
      }
      int left = timeoutMillis;
      // The kernel never restarts it after a signal that has a handler, SA_RESTART or not.
      while (POLL.call(fds, descriptors.length, left) < 0) {
        if (Libc.errno() != Errno.EINTR) {
          throw POLL.failure("", Libc.errno());
        }
        long gone = (System.nanoTime() - start) / 1_000_000;
        left = timeoutMillis < 0 ? -1 : (int) Math.max(0, timeoutMillis - gone);
      }
      boolean[] ready = new boolean[descriptors.length];
      for (int i = 0; i < descriptors.length; i++) {
        ready[i] = Libc.MEMORY.getShort(fds + 8L * i + 6) != 0;
      }
      return ready;
    }
  }

  @Override
  public int[] pipe() throws OsException {
    try (Arena arena = new Arena()) {
      long fds = arena.allocate(8);
      PIPE2.check("", fds, Open.CLOEXEC);
      return new int[] {Libc.MEMORY.getInt(fds), Libc.MEMORY.getInt(fds + 4)};
    }
  }

  @Override
  public int open(OsString path, int flags, int mode) throws OsException {
    try (Arena arena = new Arena()) {
      return OPEN.check(path.toString(), arena.string(path), flags | Open.CLOEXEC, mode);
    }
  }

  @Override
  public int read(int descriptor, byte[] buffer) throws OsException {
    try (Arena arena = new Arena()) {
      long memory = arena.allocate(buffer.length);
      int count = READ.restarted(descriptor, memory, buffer.length);
      if (count >= 0) {
        Libc.MEMORY.getByteArray(memory, buffer, 0, count);
        return count;
      }
      if (Libc.errno() == Errno.EAGAIN) {
        return -1;
      }
      throw READ.failure("descriptor " + descriptor, Libc.errno());
    }
  }

  @Override
  public void write(int descriptor, byte[] bytes) throws OsException {
    try (Arena arena = new Arena()) {
      long memory = arena.allocate(bytes.length);
      Libc.MEMORY.putByteArray(memory, bytes, 0, bytes.length);
      int done = 0;
      while (done < bytes.length) {
        done +=
            WRITE.check("descriptor " + descriptor, descriptor, memory + done, bytes.length - done);
      }
    }
  }

  @Override
  public void close(int descriptor) throws OsException {
    // Linux has closed it when a signal interrupts what comes after that, see close(2).
    if (CLOSE.call(descriptor) == -1 && Libc.errno() != Errno.EINTR) {
      throw CLOSE.failure("descriptor " + descriptor, Libc.errno());
    }
  }

  @Override
  public boolean lock(int descriptor) throws OsException {
    return lock(descriptor, LOCK_EX_NB);
  }

  @Override
  public boolean lockShared(int descriptor) throws OsException {
    return lock(descriptor, LOCK_SH_NB);
  }

  private static boolean lock(int descriptor, int operation) throws OsException {
    if (FLOCK.restarted(descriptor, operation) == 0) {
      return true;
    }
    if (Libc.errno() == Errno.EAGAIN) {
      return false;
    }
    throw FLOCK.failure("descriptor " + descriptor, Libc.errno());
  }

  @Override
  public void unlock(int descriptor) throws OsException {
    FLOCK.check("descriptor " + descriptor, descriptor, LOCK_UN);
  }

  @Override
  public void rename(OsString from, OsString to) throws OsException {
    try (Arena arena = new Arena()) {
      RENAME.check(from + " to " + to, arena.string(from), arena.string(to));
    }
  }

  @Override
  public void setNonBlocking(int descriptor) throws OsException {
    setFlag(descriptor, Open.NONBLOCK);
  }

  private static void setFlag(int descriptor, int flag) throws OsException {
    int flags = FCNTL.check("descriptor " + descriptor, descriptor, F_GETFL, 0);
    FCNTL.check("descriptor " + descriptor, descriptor, F_SETFL, flags | flag);
  }

  @Override
  public int writeSome(int descriptor, byte[] bytes) throws OsException {
    try (Arena arena = new Arena()) {
      long memory = arena.allocate(bytes.length);
      Libc.MEMORY.putByteArray(memory, bytes, 0, bytes.length);
      int count = WRITE.call(descriptor, memory, bytes.length);
      if (count >= 0) {
        return count;
      }
      int errno = Libc.errno();
      if (errno != Errno.EAGAIN && errno != Errno.EINTR) {
        throw WRITE.failure("descriptor " + descriptor, errno);
      }
      return 0;
    }
  }

  @Override
  public void killAtHangup(int readingEnd) throws OsException {
    FCNTL.check("descriptor " + readingEnd, readingEnd, F_SETSIG, Signals.KILL);
    setFlag(readingEnd, O_ASYNC);
  }

  @Override
  public void setOwner(int descriptor, int pid) throws OsException {
    FCNTL.check("descriptor " + descriptor + " for " + pid, descriptor, F_SETOWN, pid);
  }

  @Override
  public boolean holdOpens(int descriptor) {
    // Without an owner: the signal that somebody opens it would end this process.
    return FCNTL.call(descriptor, F_SETLEASE, F_WRLCK) == 0
        && FCNTL.call(descriptor, F_SETOWN, 0) == 0;
  }

  @Override
  public void makeFifo(OsString path) throws OsException {
    try (Arena arena = new Arena()) {
      MKFIFO.check(path.toString(), arena.string(path), 0600);
    }
  }

  @Override
  public void symbolicLink(OsString target, OsString path) throws OsException {
    try (Arena arena = new Arena()) {
      SYMLINK.check(path.toString(), arena.string(target), arena.string(path));
    }
  }

  @Override
  public void unlink(OsString path) throws OsException {
    try (Arena arena = new Arena()) {
      UNLINK.check(path.toString(), arena.string(path));
    }
  }

  @Override
  public void makeDirectory(OsString path, int mode) throws OsException {
    try (Arena arena = new Arena()) {
      MKDIR.check(path.toString(), arena.string(path), mode);
    }
  }

  @Override
  public void removeDirectory(OsString path) throws OsException {
    try (Arena arena = new Arena()) {
      RMDIR.check(path.toString(), arena.string(path));
    }
  }

  @Override
  public int executable(OsString path) {
    try (Arena arena = new Arena()) {
      int errno = access(arena.string(path));
      return errno == 0 && isDirectory(path) ? Errno.EACCES : errno;
    }
  }

  /** As eaccess(3); filters that know no faccessat2(2) refuse that with EPERM, and it calls it. */
  private static int access(long path) {
    if (EACCESS.restarted(path, X_OK) == 0) {
      return 0;
    }
    int errno = Libc.errno();
    if (errno != Errno.EPERM) {
      return errno;
    }
    return ACCESS.restarted(path, X_OK) == 0 ? 0 : Libc.errno();
  }

  @Override
  public boolean isDirectory(OsString path) {
    try (Arena arena = new Arena()) {
      return access(arena.string(path.concat(OsString.of("/.")))) == 0;
    }
  }

  @Override
  public boolean isReadOnly(OsString path) throws OsException {
    try (Arena arena = new Arena()) {
      long found = arena.allocate(STATVFS_SIZE);
      STATVFS.check(path.toString(), arena.string(path), found);
      return (Libc.MEMORY.getLong(found + F_FLAG) & ST_RDONLY) != 0;
    }
  }

  @Override
  public Limit openFiles(int pid) throws OsException {
    return limit(pid, RLIMIT_NOFILE, "RLIMIT_NOFILE");
  }

  @Override
  public Limit cpuSeconds(int pid) throws OsException {
    return limit(pid, RLIMIT_CPU, "RLIMIT_CPU");
  }

  @Override
  public void setCpuSeconds(int pid, Limit limit) throws OsException {
    setLimit(pid, RLIMIT_CPU, limit);
  }

  private static Limit limit(int pid, int resource, String name) throws OsException {
    try (Arena arena = new Arena()) {
      long old = arena.allocate(16);
      PRLIMIT.check(name + " of " + pid, pid, resource, 0, old);
      return new Limit(Libc.MEMORY.getLong(old), Libc.MEMORY.getLong(old + 8));
    }
  }

  @Override
  public void setOpenFiles(int pid, Limit limit) throws OsException {
    setLimit(pid, RLIMIT_NOFILE, limit);
  }

  @Override
  public void disableCoreDumps() throws OsException {
    setLimit(0, RLIMIT_CORE, new Limit(0, 0));
  }

  private static void setLimit(int pid, int resource, Limit limit) throws OsException {
    try (Arena arena = new Arena()) {
      long value = arena.allocate(16);
      Libc.MEMORY.putLong(value, limit.soft());
      Libc.MEMORY.putLong(value + 8, limit.hard());
      PRLIMIT.check("of " + pid, pid, resource, value, 0);
    }
  }

  @Override
  public void becomeSubreaper() throws OsException {
    PRCTL.check("PR_SET_CHILD_SUBREAPER", PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  }

  @Override
  public void setSignal(int signal, Disposition disposition) throws OsException {
    SignalHandler.set(signal, disposition == Disposition.DEFAULT ? 0 : 1);
  }

  @Override
  public void raise(int signal) throws OsException {
    if (RAISE.call(signal) != 0) {
      throw RAISE.failure(Integer.toString(signal), Libc.errno());
    }
  }

  @Override
  public void restoreHandler(int signal) throws OsException {
    SignalHandler.set(signal, signalHandler);
  }

  @Override
  public OptionalInt openSignalPipe(List<Integer> signals) throws OsException {
    if (!SignalHandler.supported()) {
      return OptionalInt.empty();
    }
    int[] pipe = pipe();
    setNonBlocking(pipe[1]);
    signalHandler = SignalHandler.install(pipe[1], pid(), signals);
    return OptionalInt.of(pipe[0]);
  }

  @Override
  public int foregroundGroup(int terminal) throws OsException {
    return TCGETPGRP.check("descriptor " + terminal, terminal);
  }

  @Override
  public void setForegroundGroup(int terminal, int pgid) throws OsException {
    try (Arena arena = new Arena()) {
      long old = blockTtou(arena);
      try {
        TCSETPGRP.check("descriptor " + terminal + " to " + pgid, terminal, pgid);
      } finally {
        SIGMASK.call(SIG_SETMASK, old, 0);
      }
    }
  }

  @Override
  public byte[] terminalModes(int terminal) throws OsException {
    try (Arena arena = new Arena()) {
      long termios = arena.allocate(2 * TERMIOS_SIZE);
      TCGETATTR.check("descriptor " + terminal, terminal, termios);
      byte[] modes = new byte[TERMIOS_SIZE];
      Libc.MEMORY.getByteArray(termios, modes, 0, modes.length);
      return modes;
    }
  }

  @Override
  public void setTerminalModes(int terminal, byte[] modes) throws OsException {
    try (Arena arena = new Arena()) {
      long termios = arena.allocate(2 * TERMIOS_SIZE);
      Libc.MEMORY.putByteArray(termios, modes, 0, modes.length);
      long old = blockTtou(arena);
      try {
        TCSETATTR.check("descriptor " + terminal, terminal, TCSANOW, termios);
      } finally {
        SIGMASK.call(SIG_SETMASK, old, 0);
      }
    }
  }

  /**
   * A thread that blocks TTOU may change the terminal from the background, see tcsetpgrp(3). Only
   * this thread: the signal must go on telling the process when another member of its group does.
   */
  private static long blockTtou(Arena arena) {
    long ttou = arena.allocate(SIGSET_SIZE);
    long old = arena.allocate(SIGSET_SIZE);
    Libc.MEMORY.putLong(ttou, 1L << (Signals.TTOU - 1));
    SIGMASK.call(SIG_BLOCK, ttou, old);
    return old;
  }
}
