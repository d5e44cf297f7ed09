package dev.guard.exec.limits;

import dev.guard.os.Cgroupfs;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/**
 * The cgroup of one command: a directory of the same name in one hierarchy or several.
 *
 * <p>A command may make cgroups of its own below, so every question and every action is about the
 * whole subtree.
 */
public final class CommandCgroup {
  private static final long REMOVE_PATIENCE_NANOS = 2_000_000_000L;
  private static final long REMOVE_RETRY_NANOS = 2_000_000L;

  private final Cgroupfs fs;
  private final List<Path> directories;
  private final Optional<Path> pids;
  private final String problem;

  CommandCgroup(Cgroupfs fs, List<Path> directories, Optional<Path> pids) {
    this.fs = fs;
    this.directories = List.copyOf(directories);
    this.pids = pids;
    this.problem = "";
  }

  /** None, since it could not be made. */
  CommandCgroup(Cgroupfs fs, String problem) {
    this.fs = fs;
    this.directories = List.of();
    this.pids = Optional.empty();
    this.problem = problem;
  }

  /** Why it could not be made; empty when it was, or when there was no attempt. */
  String problem() {
    return problem;
  }

  /** Its directories; none when this host has no usable cgroups. */
  public List<Path> directories() {
    return directories;
  }

  /** Whether there is one at all. */
  public boolean exists() {
    return !directories.isEmpty();
  }

  Optional<Path> pids() {
    return pids;
  }

  Cgroupfs fs() {
    return fs;
  }

  /** Moves a process into every directory and reads back that it is there. */
  void join(int pid, Procfs procfs) throws IOException {
    for (Path directory : directories) {
      // v1: tasks moves one thread and the process has only one yet; cgroup.procs would wait 10 ms
      // for all readers of a lock.
      fs.write(
          directory, fs.has(directory, "tasks") ? "tasks" : "cgroup.procs", Integer.toString(pid));
    }
    String membership =
        procfs
            .text(pid, "cgroup")
            .orElseThrow(() -> new IOException("process " + pid + " has gone"));
    for (Path directory : directories) {
      String name = "/" + directory.getFileName();
      if (membership.lines().noneMatch(l -> l.endsWith(name))
          || !fs.processes(directory).contains(pid)) {
        throw new IOException(
            "process " + pid + " was moved into " + directory + " and is not there");
      }
    }
  }

  /** The live processes of the whole subtree. */
  public Set<Integer> processes() throws IOException {
    Set<Integer> pids = new TreeSet<>();
    for (Path directory : directories) {
      for (Path cgroup : fs.subtree(directory)) {
        pids.addAll(fs.processes(cgroup));
      }
    }
    return pids;
  }

  /** How many live processes it has. */
  public int count() throws IOException {
    return processes().size();
  }

  /**
   * Kills everything in it that the kernel kills as a whole, and keeps the rest from forking.
   *
   * @return whether cgroup.kill did it; else the caller has to kill {@link #processes} until there
   *     are none
   */
  public boolean kill() throws IOException {
    boolean whole = false;
    for (Path directory : directories) {
      if (fs.has(directory, "cgroup.kill")) {
        fs.write(directory, "cgroup.kill", "1");
        whole = true;
      }
      for (Path cgroup : fs.subtree(directory)) {
        fs.writeIfThere(cgroup, "pids.max", "0");
      }
    }
    return whole;
  }

  /** pids.events: how often a task was refused; empty when tasks are not limited. */
  public OptionalLong forksRefused() throws IOException {
    return pids.isEmpty() ? OptionalLong.empty() : sum("pids.events", "max");
  }

  private OptionalLong sum(String file, String key) throws IOException {
    long sum = 0;
    for (Path cgroup : fs.subtree(pids.get())) {
      sum += counters(cgroup, file).getOrDefault(key, 0L);
    }
    return OptionalLong.of(sum);
  }

  private Map<String, Long> counters(Path cgroup, String file) throws IOException {
    try {
      return fs.counters(cgroup, file);
    } catch (NoSuchFileException e) {
      // One that the command had made, and has removed.
      return Map.of();
    }
  }

  /** pids.peak, where the kernel has it (6.0). */
  public OptionalLong peakPids() throws IOException {
    return pids.isEmpty() ? OptionalLong.empty() : fs.number(pids.get(), "pids.peak");
  }

  /**
   * Removes it with all below. EBUSY is tried again, since a killed process leaves a moment after
   * it is gone from the list.
   */
  public List<Path> remove() throws IOException {
    long deadline = System.nanoTime() + REMOVE_PATIENCE_NANOS;
    while (true) {
      List<Path> busy = new ArrayList<>();
      for (Path directory : directories) {
        for (Path cgroup : fs.subtree(directory)) {
          if (!fs.remove(cgroup)) {
            busy.add(cgroup);
          }
        }
      }
      if (busy.isEmpty()) {
        removeEmptyBases();
        return busy;
      }
      if (System.nanoTime() > deadline) {
        return busy;
      }
      LockSupport.parkNanos(REMOVE_RETRY_NANOS);
    }
  }

  /** The common base goes with its last command; it is busy while there is another. */
  private void removeEmptyBases() throws IOException {
    for (Path directory : directories) {
      fs.remove(directory.getParent());
    }
  }
}
