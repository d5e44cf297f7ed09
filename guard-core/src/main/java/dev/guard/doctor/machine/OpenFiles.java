package dev.guard.doctor.machine;

import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.OptionalLong;

/** Reads how many files processes may have open. */
public final class OpenFiles {
  private static final String SOFT = "Max open files";

  private OpenFiles() {}

  /**
   * Answers the soft RLIMIT_NOFILE of a process, by /proc/PID/limits; empty when it has none, or
   * has gone.
   */
  public static OptionalLong limit(Procfs procfs, int pid) throws IOException {
    return procfs
        .text(pid, "limits")
        .flatMap(t -> t.lines().filter(l -> l.startsWith(SOFT)).findFirst())
        .map(l -> l.substring(SOFT.length()).strip().split("\\s+", -1)[0])
        .filter(n -> n.matches("[0-9]{1,18}"))
        .map(n -> OptionalLong.of(Long.parseLong(n)))
        .orElse(OptionalLong.empty());
  }
}
