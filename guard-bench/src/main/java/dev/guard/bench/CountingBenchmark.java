package dev.guard.bench;

import dev.guard.os.Procfs;
import dev.guard.process.Descendants;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** How many processes does a tree have, asked in three ways. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class CountingBenchmark {
  /** Processes below the root of the tree. */
  @Param("1000")
  public int processes;

  private Descendants descendants;
  private GuardedTree tree;

  /** Starts the tree and checks that each way sees all of it. */
  @Setup(Level.Trial)
  public void start() throws IOException, InterruptedException {
    descendants = Descendants.on(Procfs.system());
    tree = GuardedTree.start(processes);
    check(descendants());
    check(cgroup() - 1);
    check(processHandle());
  }

  /** Ends the tree. */
  @TearDown(Level.Trial)
  public void end() throws IOException {
    tree.close();
  }

  /** Guard's walk over the children of every thread. */
  @Benchmark
  public int descendants() throws IOException {
    return descendants.of(tree.root()).size();
  }

  /** What Guard asks first: the command's own cgroup. */
  @Benchmark
  public int cgroup() throws IOException {
    return tree.cgroupMembers();
  }

  /** The JDK. */
  @Benchmark
  public int processHandle() {
    return (int) ProcessHandle.of(tree.root()).orElseThrow().descendants().count();
  }

  private void check(int counted) {
    if (counted != processes) {
      throw new IllegalStateException("counted " + counted + " of " + processes + " processes");
    }
  }
}
