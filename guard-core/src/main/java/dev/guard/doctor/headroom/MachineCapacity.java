package dev.guard.doctor.headroom;

import dev.guard.os.Procfs;
import java.io.IOException;
import java.math.BigInteger;

/**
 * Tells how much the machine has at most, and how much of it is taken now, see proc(5).
 *
 * @param fileMax fs.file-max: open files of all processes
 * @param files open now
 * @param nrOpen fs.nr_open: the highest limit of open files that a process can have
 * @param pidMax kernel.pid_max
 * @param threadsMax kernel.threads-max
 * @param tasks processes and threads now
 * @param memory RAM in bytes
 */
record MachineCapacity(
    long fileMax, long files, long nrOpen, long pidMax, long threadsMax, long tasks, long memory) {

  /** Reads the capacity from proc. */
  static MachineCapacity of(Procfs procfs) throws IOException {
    return new MachineCapacity(
        number(procfs, "sys/fs/file-max", 0, "\\s+"),
        number(procfs, "sys/fs/file-nr", 0, "\\s+"),
        number(procfs, "sys/fs/nr_open", 0, "\\s+"),
        number(procfs, "sys/kernel/pid_max", 0, "\\s+"),
        number(procfs, "sys/kernel/threads-max", 0, "\\s+"),
        // 0.20 0.18 0.12 1/80 11206: the fourth field is runnable and all tasks.
        number(procfs, "loadavg", 4, "[\\s/]+"),
        procfs.totalMemory());
  }

  private static long number(Procfs procfs, String file, int field, String between)
      throws IOException {
    String text = procfs.systemText(file).strip();
    try {
      // fs.file-max is an unsigned long, and can be set to the largest number there is.
      return new BigInteger(text.split(between, -1)[field])
          .min(BigInteger.valueOf(Long.MAX_VALUE))
          .longValueExact();
    } catch (ArithmeticException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw new IOException("/proc/" + file + " says " + text, e);
    }
  }

  /** Answers how many tasks there can be. */
  long mostTasks() {
    return Math.min(pidMax, threadsMax);
  }
}
