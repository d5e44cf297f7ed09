package dev.guard.bench;

import dev.guard.command.CommandRunner;
import dev.guard.config.ConfigException;
import dev.guard.config.GuardConfig;
import dev.guard.config.Setting;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** Commands per second from a warm JVM: guarded, and by the JDK alone. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 3, time = 5)
public class SpawnBenchmark {
  private static final String PROGRAM = "/bin/true";

  private CommandRunner guard;

  /** No rate limit, or that would be what is measured; every other layer is on. */
  @Setup(Level.Trial)
  public void open() throws IOException, ConfigException {
    guard =
        CommandRunner.with(
            GuardConfig.defaultsWith(
                Map.of(Setting.RATE_LIMIT, "0", Setting.MAX_PROCESSES, "1000")));
  }

  /** Ends the lifeline. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    guard.close();
  }

  /** One thread. */
  @Benchmark
  @Threads(1)
  public Result guard1Thread() throws IOException {
    return guarded();
  }

  /** Eight threads. */
  @Benchmark
  @Threads(8)
  public Result guard8Threads() throws IOException {
    return guarded();
  }

  /** One thread. */
  @Benchmark
  @Threads(1)
  public int processBuilder1Thread() throws IOException, InterruptedException {
    return new ProcessBuilder(PROGRAM).inheritIO().start().waitFor();
  }

  /** Eight threads. */
  @Benchmark
  @Threads(8)
  public int processBuilder8Threads() throws IOException, InterruptedException {
    return new ProcessBuilder(PROGRAM).inheritIO().start().waitFor();
  }

  private Result guarded() throws IOException {
    Result result = guard.run(Request.of(PROGRAM));
    if (result.exitCode() != 0) {
      throw new IOException("refused or failed: " + result.outcome());
    }
    return result;
  }
}
