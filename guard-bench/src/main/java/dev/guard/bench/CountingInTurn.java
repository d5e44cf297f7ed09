package dev.guard.bench;

import dev.guard.os.Procfs;
import dev.guard.process.Descendants;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * {@link CountingBenchmark} for a machine that is busy: the two ways in turn, by processor time.
 * Arguments: processes, rounds.
 */
final class CountingInTurn {
  private CountingInTurn() {}

  private interface Count {
    long count() throws IOException;
  }

  /** Prints the median of both and of their ratio. */
  public static void main(String[] args) throws IOException {
    int processes = Integer.parseInt(args[0]);
    int rounds = Integer.parseInt(args[1]);
    double[] walks = new double[rounds];
    double[] handles = new double[rounds];
    double[] ratios = new double[rounds];
    try (GuardedTree tree = GuardedTree.start(processes)) {
      Descendants descendants = Descendants.on(Procfs.system());
      ProcessHandle root = ProcessHandle.of(tree.root()).orElseThrow();
      for (int i = -rounds / 2; i < rounds; i++) {
        double walk = millis(processes, () -> descendants.of(tree.root()).size());
        double handle = millis(processes, () -> root.descendants().count());
        if (i >= 0) {
          walks[i] = walk;
          handles[i] = handle;
          ratios[i] = walk / handle;
        }
      }
    }
    System.out.printf(
        "Descendants %.2f ms, ProcessHandle %.2f ms, ratio %.2f%n",
        median(walks), median(handles), median(ratios));
  }

  private static double millis(int expected, Count count) throws IOException {
    long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    long counted = count.count();
    long end = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    if (counted != expected) {
      throw new IllegalStateException("counted " + counted + " of " + expected);
    }
    return (end - start) / 1e6;
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }
}
