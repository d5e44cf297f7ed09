package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Knows the files of a controller in one version of cgroups: how a limit is written and read back,
 * and where the kernel counts. See admin-guide/cgroup-v2.rst and admin-guide/cgroup-v1/ of the
 * kernel.
 */
enum ControllerFiles {
  /** Version 2 has one tree for all controllers. */
  V2 {
    @Override
    String memory(Cgroupfs fs, Path cgroup, long bytes, boolean oomTakesOne) throws IOException {
      String swap =
          fs.has(cgroup, "memory.swap.max")
              ? exactly(fs, cgroup, "memory.swap.max", "0")
              : noSwap(fs);
      // One process that the kernel picks is a random part of a command: all of it goes, or none.
      fs.writeIfThere(cgroup, "memory.oom.group", oomTakesOne ? "0" : "1");
      return bytes(fs, cgroup, "memory.max", bytes) + ", " + swap;
    }

    @Override
    String cpu(Cgroupfs fs, Path cgroup, Quota quota) throws IOException {
      return exactly(fs, cgroup, "cpu.max", quota.micros() + " " + quota.periodMicros());
    }

    @Override
    OptionalLong oomKills(Cgroupfs fs, Path cgroup) throws IOException {
      // Kills in cgroups below count too, so also those by a limit of a guard inside this command.
      OptionalLong all = counter(fs, cgroup, "memory.events", "oom_kill");
      if (!fs.has(cgroup, "memory.events.local")
          || counter(fs, cgroup, "memory.events.local", "oom").orElse(0) > 0) {
        return all;
      }
      // The cgroup's own limit was not reached; the one below that has killed counts its kills
      // itself.
      return all.isEmpty() ? all : sum(fs, cgroup, "memory.events.local", "oom_kill");
    }

    @Override
    Optional<Cap> cap(Cgroupfs fs, Path cgroup, Controller controller) throws IOException {
      if (controller != Controller.CPU) {
        return Cap.of(fs, cgroup, controller == Controller.PIDS ? "pids.max" : "memory.max");
      }
      return limitsOf(fs, cgroup)
          .cores()
          .map(cores -> new Cap(cores, "cpu.max, " + cores + " cores"));
    }
  },

  /** Version 1 has a hierarchy for a controller or for a few. */
  V1 {
    @Override
    String memory(Cgroupfs fs, Path cgroup, long bytes, boolean oomTakesOne) throws IOException {
      // The kernel kills one process here; Guard's watch ends the others where they are to end.
      String memory = bytes(fs, cgroup, "memory.limit_in_bytes", bytes);
      if (fs.has(cgroup, "memory.memsw.limit_in_bytes")) {
        return memory + ", " + bytes(fs, cgroup, "memory.memsw.limit_in_bytes", bytes);
      }
      // Swap is not counted (swapaccount=0): then none of this cgroup's memory goes there.
      return memory + ", " + exactly(fs, cgroup, "memory.swappiness", "0");
    }

    @Override
    String cpu(Cgroupfs fs, Path cgroup, Quota quota) throws IOException {
      exactly(fs, cgroup, "cpu.cfs_period_us", Long.toString(quota.periodMicros()));
      String set = exactly(fs, cgroup, "cpu.cfs_quota_us", Long.toString(quota.micros()));
      return set + " of " + quota.periodMicros();
    }

    @Override
    OptionalLong oomKills(Cgroupfs fs, Path cgroup) throws IOException {
      return sum(fs, cgroup, "memory.oom_control", "oom_kill");
    }

    @Override
    Optional<Cap> cap(Cgroupfs fs, Path cgroup, Controller controller) throws IOException {
      if (controller != Controller.CPU) {
        boolean tasks = controller == Controller.PIDS;
        // For no limit memory has the largest number there is, rounded down to a page.
        return Cap.of(fs, cgroup, tasks ? "pids.max" : "memory.limit_in_bytes")
            .filter(cap -> cap.value() < NO_LIMIT);
      }
      OptionalLong quota = fs.number(cgroup, "cpu.cfs_quota_us");
      OptionalLong period = fs.number(cgroup, "cpu.cfs_period_us");
      if (period.isEmpty() || quota.orElse(-1) < 0) {
        return Optional.empty();
      }
      double cores = (double) quota.getAsLong() / period.getAsLong();
      return Optional.of(new Cap(cores, "cpu.cfs_quota_us, " + cores + " cores"));
    }
  };

  private static final double NO_LIMIT = 1L << 62;

  // The largest page that memory limits are rounded down to.
  private static final long LARGEST_PAGE = 65_536;

  /**
   * Holds a limit that a cgroup has.
   *
   * @param value tasks, bytes or cores
   * @param text for people: the limit's file and its text
   */
  record Cap(double value, String text) {
    private static Optional<Cap> of(Cgroupfs fs, Path cgroup, String file) throws IOException {
      OptionalLong n = fs.number(cgroup, file);
      return n.isEmpty()
          ? Optional.empty()
          : Optional.of(new Cap(n.getAsLong(), file + " " + n.getAsLong()));
    }
  }

  /** Picks the files that a hierarchy has. */
  static ControllerFiles of(Hierarchy hierarchy) {
    return hierarchy.version() == 2 ? V2 : V1;
  }

  /** Allows processor time in a period of wall time. */
  record Quota(long micros, long periodMicros) {
    private static final long USUAL_PERIOD = 100_000;
    private static final long LONGEST_PERIOD = 1_000_000;
    private static final long LEAST = 1_000;

    /**
     * Converts cores into a quota. The kernel takes no quota below 1 ms, and no period above 1 s.
     */
    static Quota of(double cores) {
      long period = cores * USUAL_PERIOD < LEAST ? LONGEST_PERIOD : USUAL_PERIOD;
      return new Quota(Math.max(LEAST, Math.round(cores * period)), period);
    }
  }

  /**
   * Sets memory and swap together, and where it can, whether the kernel kills one process alone.
   */
  abstract String memory(Cgroupfs fs, Path cgroup, long bytes, boolean oomTakesOne)
      throws IOException;

  /** Sets the quota of processor time. */
  abstract String cpu(Cgroupfs fs, Path cgroup, Quota quota) throws IOException;

  /** Reads how many processes the kernel has killed for memory in a cgroup and below. */
  abstract OptionalLong oomKills(Cgroupfs fs, Path cgroup) throws IOException;

  /** Reads the limit of a controller that a cgroup has itself; empty where it has none. */
  abstract Optional<Cap> cap(Cgroupfs fs, Path cgroup, Controller controller) throws IOException;

  /**
   * Sets a controller's limit.
   *
   * @return the text that reads back
   * @throws IOException also when the limit reads back otherwise
   */
  String set(Cgroupfs fs, Path cgroup, Controller controller, CgroupLimits limits)
      throws IOException {
    return switch (controller) {
      case PIDS -> exactly(fs, cgroup, "pids.max", Long.toString(limits.tasks().get()));
      case MEMORY -> memory(fs, cgroup, limits.memory().get(), limits.oomTakesOne());
      case CPU -> cpu(fs, cgroup, Quota.of(limits.cores().get()));
    };
  }

  /** Reads how often a task was refused in a cgroup and below. */
  OptionalLong forksRefused(Cgroupfs fs, Path cgroup) throws IOException {
    // Since 6.11 pids.events of v2 counts for the cgroups above too, and pids.events.local does
    // not.
    boolean local = fs.has(cgroup, "pids.events.local");
    return sum(fs, cgroup, local ? "pids.events.local" : "pids.events", "max");
  }

  /** Adds up over a command's cgroup and those below, but not those of commands inside it. */
  private static OptionalLong sum(Cgroupfs fs, Path cgroup, String file, String key)
      throws IOException {
    long sum = 0;
    for (Path below : fs.subtree(cgroup)) {
      if (BaseCgroup.commandOf(below).equals(BaseCgroup.commandOf(cgroup))) {
        sum += counter(fs, below, file, key).orElse(0);
      }
    }
    return OptionalLong.of(sum);
  }

  /** Reads the limits that a cgroup of v2 has; none where the cgroup lacks the file or says max. */
  static CgroupLimits limitsOf(Cgroupfs fs, Path cgroup) throws IOException {
    OptionalLong tasks = fs.number(cgroup, "pids.max");
    OptionalLong memory = fs.number(cgroup, "memory.max");
    Optional<Double> cores = Optional.empty();
    if (fs.has(cgroup, "cpu.max")) {
      cores = cores(fs.read(cgroup, "cpu.max"), cgroup.resolve("cpu.max"));
    }
    return new CgroupLimits(boxed(tasks), boxed(memory), cores);
  }

  private static Optional<Double> cores(String cpuMax, Path file) throws IOException {
    String[] quota = cpuMax.split(" ", -1);
    if (quota[0].equals("max")) {
      return Optional.empty();
    }
    try {
      return Optional.of(Double.parseDouble(quota[0]) / Double.parseDouble(quota[1]));
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw new IOException(file + " is no quota and period: " + cpuMax, e);
    }
  }

  private static Optional<Long> boxed(OptionalLong n) {
    return n.isPresent() ? Optional.of(n.getAsLong()) : Optional.empty();
  }

  /** Requires that there is no swap to escape to, where the kernel does not count swap. */
  private static String noSwap(Cgroupfs fs) throws IOException {
    if (fs.read(Path.of("/proc"), "swaps").lines().count() > 1) {
      throw new IOException(
          "this kernel does not count swap, and there is some (/proc/swaps); turn it off");
    }
    return "no swap";
  }

  /** Writes a value, and requires that it reads back. */
  private static String exactly(Cgroupfs fs, Path cgroup, String file, String value)
      throws IOException {
    fs.write(cgroup, file, value);
    String got = fs.read(cgroup, file);
    if (!got.equals(value)) {
      throw new IOException(cgroup.resolve(file) + " reads back " + got + ", not " + value);
    }
    return file + " " + got;
  }

  /**
   * Writes a number of bytes, which the kernel rounds down to whole pages, and requires it back.
   */
  private static String bytes(Cgroupfs fs, Path cgroup, String file, long value)
      throws IOException {
    fs.write(cgroup, file, Long.toString(value));
    String got = fs.read(cgroup, file);
    boolean number = got.matches("[0-9]{1,18}");
    long lost = number ? value - Long.parseLong(got) : -1;
    if (lost < 0 || lost >= LARGEST_PAGE) {
      throw new IOException(cgroup.resolve(file) + " reads back " + got + ", not " + value);
    }
    return file + " " + got;
  }

  /**
   * Reads one counter of a file of counters; empty where the file lacks it, or the cgroup has gone.
   */
  static OptionalLong counter(Cgroupfs fs, Path cgroup, String file, String key)
      throws IOException {
    try {
      Map<String, Long> counters = fs.counters(cgroup, file);
      return counters.containsKey(key) ? OptionalLong.of(counters.get(key)) : OptionalLong.empty();
    } catch (NoSuchFileException e) {
      // The command had made this cgroup, and has removed it.
      return OptionalLong.empty();
    }
  }

  /** Tells whether a list of controllers, as in cgroup.controllers, has this one. */
  static boolean lists(Cgroupfs fs, Path cgroup, String file, Controller controller)
      throws IOException {
    return Arrays.asList(fs.read(cgroup, file).split(" ", -1)).contains(controller.text());
  }
}
