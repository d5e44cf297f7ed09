package dev.guard.config;

import dev.guard.os.Procfs;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Reads the facts of this machine that the defaults of settings depend on. */
final class Machine {
  private Machine() {}

  /** Counts the cores that this process may use, at least 1. */
  static int cores() {
    return Runtime.getRuntime().availableProcessors();
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
