package dev.guard.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs the example as a program of its own. Needs Linux and /bin/sh; where a host has a v1
 * hierarchy for memory it needs root, to leave that hierarchy out: it holds cgroups that others
 * watch.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TenInParallelIT {
  @Test
  void runsStreamsCancelsAndReadsTheReceipts() throws Exception {
    List<String> lines = ExampleProgram.run(TenInParallel.class, ExampleProgram.withoutV1Memory());
    assertThat(lines).contains("command 1", "EXITED ", "EXITED command 2", "EXITED command 8");
    assertThat(lines).contains("TIMEOUT command 9");
    assertThat(lines.stream().filter(l -> l.startsWith("CANCELLED"))).hasSize(1);
    assertThat(lines.stream().filter(l -> l.equals("  TIMEOUT ACTIVE")).count()).isBetween(9L, 10L);
    assertThat(lines.stream().filter(l -> l.matches("  MEMORY (ACTIVE|DEGRADED)")).count())
        .isBetween(9L, 10L);
  }
}
