package dev.guard.os;

import dev.guard.os.Libc.Arena;

/** Asks about children by wait4(2) and waitid(2). */
interface LinuxWaits extends WaitCalls {
  int WNOHANG = 1;
  int WSTOPPED = 2;
  int WEXITED = 4;
  int WNOWAIT = 0x01000000;
  int P_ALL = 0;
  int P_PID = 1;
  // siginfo_t on 64-bit machines.
  int SIGINFO_SIZE = 128;
  int SI_PID = 16;
  int SI_STATUS = 24;
  // struct rusage: ru_utime, ru_stime, 16 bytes each, then counters, the first ru_maxrss in KiB.
  int RUSAGE_SIZE = 144;
  int RU_MAXRSS = 32;
  Libc WAIT4 = new Libc("wait4");
  Libc WAITID = new Libc("waitid");

  @Override
  default WaitStatus waitNoHang(int pid) throws OsException {
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
  default boolean childHasEnded(int pid) throws OsException {
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
}
