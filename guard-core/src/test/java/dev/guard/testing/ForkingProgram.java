package dev.guard.testing;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Forks from several threads, which stay alive. It prints the pid of every process below it and
 * then an empty line, and ends when its input does.
 */
public final class ForkingProgram {
  private static final int THREADS = 6;
  private static final int CHILDREN_PER_THREAD = 3;
  // Its own pid, two children that sleep, and one that ends after the exec and is never waited for.
  private static final String TREE =
      "echo $$; sleep 60 & echo $!; sleep 60 & echo $!; sleep 0.1 & echo; exec sleep 60";

  private ForkingProgram() {}

  /** Live processes below it. */
  public static final int DESCENDANTS = THREADS * CHILDREN_PER_THREAD * 3;

  /** The command line that runs it. */
  public static List<String> commandLine() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-cp",
        System.getProperty("java.class.path"),
        ForkingProgram.class.getName());
  }

  /** Forks. */
  public static void main(String[] arguments) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    List<Callable<List<String>>> forks = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      forks.add(ForkingProgram::fork);
    }
    for (Future<List<String>> pids : threads.invokeAll(forks)) {
      pids.get().forEach(System.out::println);
    }
    System.out.println();
    System.out.flush();
    while (System.in.read() >= 0) {
      // Nothing but the end is waited for.
    }
    ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
    threads.shutdownNow();
  }

  private static List<String> fork() throws Exception {
    List<String> pids = new ArrayList<>();
    for (int i = 0; i < CHILDREN_PER_THREAD; i++) {
      Process process = new ProcessBuilder("sh", "-c", TREE).start();
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      for (String line = lines.readLine(); !line.isEmpty(); line = lines.readLine()) {
        pids.add(line);
      }
    }
    return pids;
  }
}
