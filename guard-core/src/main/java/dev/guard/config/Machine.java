package dev.guard.config;

import dev.guard.os.Procfs;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Reads the facts of this machine that the defaults of settings depend on. */
final class Machine {
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static volatile Cores cores;

  private record Cores(int count, long at) {}

  private Machine() {}

  /** Counts the cores that this process may use, at least 1. */
  static int cores() {
    // The JVM reads its affinity and the quota of its cgroup, which may change while a gateway
    // lives.
    long now = System.nanoTime();
    Cores known = cores;
    if (known == null || now - known.at() > SECOND_NANOS) {
      known = new Cores(Runtime.getRuntime().availableProcessors(), now);
      cores = known;
    }
    return known.count();
  }

  /** Reads MemTotal of /proc/meminfo in bytes. */
  static long memoryBytes() {
    try {
      return Procfs.system().totalMemory();
    } catch (IOException e) {
      throw new UncheckedIOException("a percentage of RAM needs /proc/meminfo", e);
    }
  }
}
