package dev.guard.command;

import dev.guard.cgroup.CgroupSituation;
import dev.guard.os.Kernel;
import dev.guard.systemd.BusManager;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Moves a detached command's guard to where it outlives the service of its caller. */
public final class OutlivingScope {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final long LOOK_NANOS = 2_000_000;

  private OutlivingScope() {}

  /**
   * Has a service manager move processes that run for this caller to a scope of their own.
   *
   * @return what it means that they are in none, with the reason; empty: they are
   */
  public static Optional<String> enter(Kernel kernel, Caller caller, List<Integer> pids) {
    try (BusManager manager = BusManager.ofUser(kernel.os(), caller.user())) {
      CgroupSituation situation = caller.situation(kernel);
      String unit = CommandRunner.newScope(kernel.os());
      manager.start(unit, situation.scopeThatOutlives(pids));
      await(kernel, situation, unit, pids);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(
          "detached without a scope of its own ("
              + e.getMessage()
              + "): the command will die with the service or container that started it");
    }
  }

  private static void await(
      Kernel kernel, CgroupSituation situation, String unit, List<Integer> pids)
      throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    for (int pid : pids) {
      while (!isIn(kernel, situation, unit, pid)) {
        if (System.nanoTime() >= deadline) {
          throw new IOException("systemd did not move process " + pid + " to " + unit + " in time");
        }
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }
  }

  private static boolean isIn(Kernel kernel, CgroupSituation situation, String unit, int pid) {
    try {
      situation.placeIn(unit, pid, kernel.procfs());
      return true;
    } catch (IOException e) {
      // It is not there yet.
      return false;
    }
  }
}
