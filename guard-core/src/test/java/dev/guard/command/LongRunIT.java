package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.config.Setting;
import dev.guard.testing.Await;
import dev.guard.testing.Host;
import dev.guard.testing.TestCommands;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Shows that a process that lives for months and runs many short commands through one Guard does
 * not grow.
 */
class LongRunIT {
  // 100,000 with -Dlong-run.commands=100000, which takes a quarter of an hour.
  private static final int COMMANDS = Integer.getInteger("long-run.commands", 3000);
  private static final int CALLERS = 4;
  private static final int PARTS = 5;
  private static final long MEGABYTE = 1 << 20;
  // One entry of a map that is never removed, with its text, takes about 100 bytes of each command.
  private static final long HEAP_SLACK = 48L * COMMANDS;
  private static final Path STORE = Path.of("/run/guard");

  /** What this process holds at one moment; sizes in bytes. */
  private record Held(
      int commands, int descriptors, int threads, long heap, long lifeline, long storeFiles) {}

  @Test
  void descriptorsThreadsHeapAndFilesStayAsTheyWere() throws Exception {
    Map<Setting, String> settings =
        Map.of(Setting.RATE_LIMIT, "100000", Setting.MAX_PROCESSES, "1000");
    List<Held> seen = new ArrayList<>();
    try (CommandRunner guard = CommandRunner.with(TestCommands.config(settings))) {
      int lifeline = Host.children(false).iterator().next();
      run(guard, COMMANDS / PARTS);
      seen.add(look(0, lifeline));
      for (int part = 1; part <= PARTS; part++) {
        run(guard, COMMANDS / PARTS);
        seen.add(look(part * COMMANDS / PARTS, lifeline));
      }
      seen.forEach(System.out::println);
      Held before = seen.get(0);
      Await.until(
          "descriptors as before: " + seen, () -> Host.descriptors() <= before.descriptors());
      Await.until("threads as before: " + seen, () -> threads() <= before.threads());
      Held after = seen.get(PARTS);
      assertThat(after.heap()).as("heap: %s", seen).isLessThan(before.heap() + HEAP_SLACK);
      assertThat(after.lifeline())
          .as("memory of the lifeline: %s", seen)
          .isLessThan(before.lifeline() + MEGABYTE);
      assertThat(after.storeFiles())
          .as("files of live commands: %s", seen)
          .isLessThanOrEqualTo(before.storeFiles());
      assertThat(Host.children(true)).as("zombies").isEmpty();
    }
  }

  private static void run(CommandRunner guard, int commands) throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    try {
      Callable<Void> share =
          () -> {
            for (int i = 0; i < commands / CALLERS; i++) {
              Result result = guard.run(Request.of("true").capturing(0));
              assertThat(result.outcome().messages()).isEmpty();
              assertThat(result.exitCode()).isZero();
            }
            return null;
          };
      List<Callable<Void>> shares = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        shares.add(share);
      }
      for (Future<Void> done : callers.invokeAll(shares)) {
        done.get();
      }
    } finally {
      callers.shutdown();
    }
  }

  private static Held look(int commands, int lifeline) throws Exception {
    // The last commands have ended, and their threads with their buffers are about to.
    Await.until("no thread of a command is left", () -> !hasThreads());
    return new Held(
        commands, Host.descriptors(), threads(), heap(), residentMemory(lifeline), recordsOfOurs());
  }

  private static boolean hasThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().startsWith("guard-"));
  }

  private static int threads() {
    return ManagementFactory.getThreadMXBean().getThreadCount();
  }

  private static long heap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static long residentMemory(int pid) throws IOException {
    Optional<String> line =
        Files.readAllLines(Path.of("/proc", Integer.toString(pid), "status")).stream()
            .filter(l -> l.startsWith("VmRSS:"))
            .findFirst();
    return Long.parseLong(line.orElseThrow().replaceAll("[^0-9]", "")) * 1024;
  }

  /** Records of live commands of this process, and gates; others' commands do not count. */
  private static long recordsOfOurs() throws IOException {
    String mark = "." + ProcessHandle.current().pid() + ".";
    Path commands = STORE.resolve("commands");
    if (!Files.isDirectory(commands)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(commands)) {
      return files.filter(f -> f.getFileName().toString().contains(mark)).count();
    }
  }
}
