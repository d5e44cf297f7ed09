package dev.guard.os;

import dev.guard.os.Libc.Arena;

/** Reads and sets limits by prlimit(2), also of other processes. */
interface LinuxLimits extends LimitCalls {
  int RLIMIT_NOFILE = 7;
  int RLIMIT_CORE = 4;
  int RLIMIT_CPU = 0;
  Libc PRLIMIT = new Libc("prlimit");

  @Override
  default Limit openFiles(int pid) throws OsException {
    return limit(pid, RLIMIT_NOFILE, "RLIMIT_NOFILE");
  }

  @Override
  default void setOpenFiles(int pid, Limit limit) throws OsException {
    setLimit(pid, RLIMIT_NOFILE, limit);
  }

  @Override
  default Limit cpuSeconds(int pid) throws OsException {
    return limit(pid, RLIMIT_CPU, "RLIMIT_CPU");
  }

  private static Limit limit(int pid, int resource, String name) throws OsException {
    try (Arena arena = new Arena()) {
      long old = arena.allocate(16);
      PRLIMIT.check(name + " of " + pid, pid, resource, 0, old);
      return new Limit(Libc.MEMORY.getLong(old), Libc.MEMORY.getLong(old + 8));
    }
  }

  @Override
  default void setCpuSeconds(int pid, Limit limit) throws OsException {
    setLimit(pid, RLIMIT_CPU, limit);
  }

  private static void setLimit(int pid, int resource, Limit limit) throws OsException {
    try (Arena arena = new Arena()) {
      long value = arena.allocate(16);
      Libc.MEMORY.putLong(value, limit.soft());
      Libc.MEMORY.putLong(value + 8, limit.hard());
      PRLIMIT.check("of " + pid, pid, resource, value, 0);
    }
  }
}
