package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads what the kernel counts of a command's cgroup. A value is empty where no file has it, and
 * never 0 for that.
 */
public final class CgroupCounters {
  private final Cgroupfs fs;
  private final ControllerFiles files;
  private final List<Path> directories;
  private final Optional<Path> pids;
  private final Optional<Path> memory;

  /**
   * Makes the counters of these directories.
   *
   * @param pids the cgroup in which tasks are limited, if they are
   * @param memory the cgroup in which memory is limited, if it is
   */
  CgroupCounters(
      Cgroupfs fs,
      ControllerFiles files,
      List<Path> directories,
      Optional<Path> pids,
      Optional<Path> memory) {
    this.fs = fs;
    this.files = files;
    this.directories = directories;
    this.pids = pids;
    this.memory = memory;
  }

  /** Reads how often the kernel refused the command a task; empty when tasks are not limited. */
  public OptionalLong forksRefused() throws IOException {
    return pids.isEmpty() ? OptionalLong.empty() : files.forksRefused(fs, pids.get());
  }

  /**
   * Reads pids.peak, the most tasks at one time, where tasks are limited and the kernel has it
   * (6.0).
   */
  public OptionalLong peakPids() throws IOException {
    return pids.isEmpty() ? OptionalLong.empty() : fs.number(pids.get(), "pids.peak");
  }

  /**
   * Reads how many processes the kernel has killed for memory; empty when memory is not limited.
   */
  public OptionalLong oomKills() throws IOException {
    return memory.isEmpty() ? OptionalLong.empty() : files.oomKills(fs, memory.get());
  }

  /** Reads the most memory at one time, in bytes. */
  public OptionalLong peakMemory() throws IOException {
    return first("memory.peak", "memory.max_usage_in_bytes");
  }

  /** Reads the memory that the command has now, in bytes. */
  public OptionalLong memory() throws IOException {
    return first("memory.current", "memory.usage_in_bytes");
  }

  private OptionalLong first(String... names) throws IOException {
    for (Path directory : directories) {
      for (String name : names) {
        OptionalLong bytes = fs.number(directory, name);
        if (bytes.isPresent()) {
          return bytes;
        }
      }
    }
    return OptionalLong.empty();
  }

  /**
   * Reads the processor time of all the command's processes, also of those that have ended, in
   * microseconds.
   */
  public OptionalLong cpuMicros() throws IOException {
    for (Path directory : directories) {
      // v1 has this file too where it can limit, without such a line.
      if (fs.has(directory, "cpu.stat")) {
        OptionalLong micros = ControllerFiles.counter(fs, directory, "cpu.stat", "usage_usec");
        if (micros.isPresent()) {
          return micros;
        }
      }
      OptionalLong nanos = fs.number(directory, "cpuacct.usage");
      if (nanos.isPresent()) {
        return OptionalLong.of(nanos.getAsLong() / 1000);
      }
    }
    return OptionalLong.empty();
  }
}
