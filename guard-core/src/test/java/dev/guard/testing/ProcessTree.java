package dev.guard.testing;

import dev.guard.os.Procfs;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Starts a tree of processes that belongs to no Guard. Each prints its pid; closing it kills
 * whoever is left.
 */
public final class ProcessTree implements AutoCloseable {
  private final Process main;
  private final long mainStart;
  private final Map<Integer, Long> printed = new TreeMap<>();

  private ProcessTree(Process main, long mainStart) {
    this.main = main;
    this.mainStart = mainStart;
  }

  private ProcessTree(Process main, int lines) throws IOException {
    this.main = main;
    this.mainStart = start((int) main.pid());
    BufferedReader output =
        new BufferedReader(new InputStreamReader(main.getInputStream(), StandardCharsets.UTF_8));
    for (int i = 0; i < lines; i++) {
      int pid = Integer.parseInt(output.readLine());
      printed.put(pid, start(pid));
    }
  }

  /** Starts a shell script that prints so many pids. */
  public static ProcessTree start(String script, int lines) throws IOException {
    return start(Map.of(), lines, "sh", "-c", script);
  }

  /** Starts a program that prints so many pids, as the leader of a session of its own. */
  public static ProcessTree start(Map<String, String> environment, int lines, String... argv)
      throws IOException {
    List<String> all = new ArrayList<>(List.of("setsid"));
    all.addAll(List.of(argv));
    ProcessBuilder builder = new ProcessBuilder(all);
    builder.environment().putAll(environment);
    builder.redirectError(new File("/dev/null"));
    return new ProcessTree(builder.start(), lines);
  }

  /** The start time of a live process. */
  public static long start(int pid) throws IOException {
    return Procfs.system()
        .stat(pid)
        .orElseThrow(() -> new IOException("process " + pid + " has gone"))
        .startTicks();
  }

  /** The pid of its main process. */
  public int main() {
    return (int) main.pid();
  }

  /** The start time of its main process. */
  public long mainStart() {
    return mainStart;
  }

  /** A tree of the same number that began at another time, with nobody else in it. */
  public ProcessTree withStart(long startTicks) {
    return new ProcessTree(main, startTicks);
  }

  /** Sends a line to its main process. */
  public void release() throws IOException {
    main.getOutputStream().write('\n');
    main.getOutputStream().flush();
  }

  /** The pids that were printed. */
  public Set<Integer> printed() {
    return new TreeSet<>(printed.keySet());
  }

  /** Lists its processes that live. */
  public Set<Integer> alive() throws IOException {
    Map<Integer, Long> all = new TreeMap<>(printed);
    all.put(main(), mainStart);
    Set<Integer> alive = new TreeSet<>();
    for (Map.Entry<Integer, Long> one : all.entrySet()) {
      Procfs.system()
          .stat(one.getKey())
          .filter(s -> !s.ended() && s.startTicks() == one.getValue())
          .ifPresent(s -> alive.add(s.pid()));
    }
    return alive;
  }

  /** Kills the main process alone and waits for it. */
  public void killMain() throws InterruptedException {
    main.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws IOException {
    for (int pid : alive()) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
  }
}
