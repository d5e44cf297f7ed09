package dev.guard.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.cgroup.CgroupSituation;
import dev.guard.cgroup.CommandCgroup;
import dev.guard.config.GuardConfig;
import dev.guard.config.Setting;
import dev.guard.limits.Limiter;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Os;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Sets a limit from outside, as a container has one: a cgroup that no Guard under test knows of.
 * Needs a host where tasks can be limited.
 */
public final class TaskLimit implements AutoCloseable {
  private final Limiter limiter;
  private final GuardConfig config;
  private final CommandCgroup cgroup;
  private final int tasks;

  private TaskLimit(int tasks) throws Exception {
    this.tasks = tasks;
    this.config = TestCommands.config(Map.of(Setting.PIDS_MAX, Integer.toString(tasks)));
    this.limiter =
        Limiter.on(
            Os.linux(),
            Procfs.system(),
            CgroupSituation.of(
                Procfs.system(),
                Cgroupfs.system(),
                Os.linux().pid(),
                Os.linux().userId(),
                Optional.empty()),
            config,
            "guard-it",
            true);
    this.cgroup = limiter.create("it" + System.nanoTime());
  }

  /** A new limit with nobody in it. */
  public static TaskLimit of(int tasks) throws Exception {
    return new TaskLimit(tasks);
  }

  /** Moves a process into it, and reads back that the limit is in force. */
  public void put(int pid) throws IOException {
    limiter.apply(pid, cgroup, config);
    assertThat(cgroup.processes()).contains(pid);
    boolean limited = false;
    for (Path directory : cgroup.directories()) {
      Path max = directory.resolve("pids.max");
      limited |= Files.exists(max) && Files.readString(max).equals(tasks + "\n");
    }
    assertThat(limited).as("pids.max of %s", cgroup.directories()).isTrue();
  }

  /** The processes that are in it. */
  public Set<Integer> processes() throws IOException {
    return cgroup.processes();
  }

  /** Whether the kernel has refused a fork. */
  public boolean isFull() throws IOException {
    return cgroup.counters().forksRefused().orElse(0) > 0;
  }

  @Override
  public void close() throws IOException {
    cgroup.killer().kill(Os.linux());
    assertThat(cgroup.remove()).isEmpty();
  }
}
