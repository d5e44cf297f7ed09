package dev.guard;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Tells what a command used. A value is empty where nothing in force measures it.
 *
 * @param cpuTime user and system time: of the whole tree where its cgroup counts it, else of the
 *     main process and the children it waited for
 * @param peakMemoryBytes the most memory at one time
 * @param peakMemoryOfTree whether the peak is that of the whole tree, as its cgroup counts; else it
 *     is of the largest process alone, and never less than what this JVM had
 * @param peakTasks the most tasks at one time
 * @param forksRefused how often the kernel refused a task
 * @param oomKills how many processes the kernel killed for memory
 */
public record CommandUsage(
    Optional<Duration> cpuTime,
    OptionalLong peakMemoryBytes,
    boolean peakMemoryOfTree,
    OptionalLong peakTasks,
    OptionalLong forksRefused,
    OptionalLong oomKills) {}
