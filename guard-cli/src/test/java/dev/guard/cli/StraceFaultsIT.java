package dev.guard.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Lets one system call of a guard, its lifeline or its command fail, as on a machine that is out of
 * something: the command is ended or refused, and nothing is left.
 */
@Needs("strace")
@ExtendWith(NothingLeft.class)
class StraceFaultsIT {
  // All points with -Dstrace-faults.points=1000000. The seed is printed, and can be given.
  private static final int POINTS = Integer.getInteger("strace-faults.points", 30);
  private static final long SEED = Long.getLong("strace-faults.seed", System.nanoTime() & 0xffffff);
  private static final Map<String, List<String>> ERRORS =
      Map.ofEntries(
          Map.entry("openat", List.of("EMFILE", "ENFILE", "EINTR")),
          Map.entry("read", List.of("EINTR", "EIO", "EAGAIN")),
          Map.entry("write", List.of("EINTR", "ENOSPC", "EAGAIN")),
          Map.entry("pipe2", List.of("EMFILE")),
          Map.entry("poll", List.of("EINTR", "ENOMEM")),
          Map.entry("wait4", List.of("EINTR")),
          Map.entry("clone", List.of("EAGAIN", "ENOMEM")),
          Map.entry("clone3", List.of("EAGAIN", "ENOMEM")),
          Map.entry("vfork", List.of("EAGAIN", "ENOMEM")),
          Map.entry("mkdir", List.of("ENOSPC", "EIO")),
          Map.entry("rename", List.of("ENOSPC", "EIO")),
          Map.entry("flock", List.of("EINTR", "ENOLCK")),
          Map.entry("pidfd_open", List.of("EMFILE", "ENOSYS")),
          Map.entry("prlimit64", List.of("EPERM")),
          Map.entry("mmap", List.of("ENOMEM")));
  private static final Pattern CALL = Pattern.compile("^(\\d+) +(\\w+)\\(");

  @TempDir private Path directory;

  /** The N-th call of this name in each of the threads fails with this error. */
  private record Point(String call, String error, int number) {}

  @ParameterizedTest
  @ValueSource(strings = {"exec", "detach"})
  void theCommandIsEndedOrRefusedAndNothingIsLeft(String how) throws Exception {
    List<Point> points = points(how);
    int all = points.size();
    Collections.shuffle(points, new Random(SEED));
    points = points.subList(0, Math.min(POINTS, all));
    List<String> problems = new ArrayList<>();
    Map<Integer, Integer> statuses = new TreeMap<>();
    Parallel.map(points, point -> fail(how, point, statuses))
        .values()
        .forEach(p -> p.ifPresent(problems::add));
    System.out.printf(
        "%s: %d of %d points with seed %d, exit statuses and how often: %s%n",
        how, points.size(), all, SEED, statuses);
    assertThat(problems).as("seed %d", SEED).isEmpty();
  }

  /**
   * Answers what can fail: as many calls of each name as one thread made in a run without a fault.
   */
  private List<Point> points(String how) throws IOException {
    Path log = directory.resolve("log-" + how);
    OwnStore store = OwnStore.in(directory.resolve("whole-" + how));
    Finished whole = guard(how, store, "-o", log.toString(), "-e", "trace=" + names()).run();
    assertThat(whole.exit()).as(whole.errors()).isEqualTo(how.equals("exec") ? 124 : 0);
    awaitEnd(store);
    Map<String, Map<String, Integer>> counts = new TreeMap<>();
    for (String line : Files.readAllLines(log, ISO_8859_1)) {
      Matcher call = CALL.matcher(line);
      if (call.find()) {
        counts
            .computeIfAbsent(call.group(2), name -> new TreeMap<>())
            .merge(call.group(1), 1, Integer::sum);
      }
    }
    List<Point> points = new ArrayList<>();
    counts.forEach(
        (call, byThread) ->
            ERRORS
                .get(call)
                .forEach(
                    error -> {
                      for (int n = 1; n <= Collections.max(byThread.values()); n++) {
                        points.add(new Point(call, error, n));
                      }
                    }));
    return points;
  }

  private static String names() {
    return String.join(",", ERRORS.keySet());
  }

  /** A command that ignores TERM and has a daemon, ended at its deadline; under strace. */
  private static GuardProcess guard(String how, OwnStore store, String... options) {
    String tree = "trap '' TERM; setsid sleep 600 & sleep 600 & wait";
    List<String> words = new ArrayList<>(List.of("--timeout=1", "--kill-after=0.2"));
    if (how.equals("detach")) {
      words.add("--detach");
    }
    words.addAll(List.of("--", "sh", "-c", tree));
    List<String> strace = new ArrayList<>(List.of("strace", "-f", "-qq", "--seccomp-bpf"));
    strace.addAll(List.of(options));
    return store.on(GuardProcess.exec(words.toArray(String[]::new)), strace.toArray(String[]::new));
  }

  private Optional<String> fail(String how, Point point, Map<Integer, Integer> statuses) {
    try {
      OwnStore store =
          OwnStore.in(directory.resolve(how + point.call() + point.error() + point.number()));
      String inject =
          "inject=%s:error=%s:when=%d".formatted(point.call(), point.error(), point.number());
      // Else every call stops at strace, which takes three times as long.
      String only = "trace=" + point.call();
      Finished finished = guard(how, store, "-o", "/dev/null", "-e", only, "-e", inject).run();
      synchronized (statuses) {
        statuses.merge(finished.exit(), 1, Integer::sum);
      }
      leavesNothing(store);
      return Optional.empty();
    } catch (AssertionError e) {
      return Optional.of(how + " " + point + ": " + e.getMessage());
    } catch (UncheckedIOException e) {
      throw e;
    }
  }

  private static void awaitEnd(OwnStore store) {
    String mark = "XDG_STATE_HOME=" + store.directory().resolve("state");
    Polling.until("nothing runs any more", () -> MachineRemains.processesWith(mark).isEmpty());
  }

  private static void leavesNothing(OwnStore store) {
    awaitEnd(store);
    Finished next = store.on(GuardProcess.exec("--", "true")).run();
    assertThat(next.exit()).as("the next call: %s", next.errors()).isZero();
    Finished ps = store.on(GuardProcess.of("ps", "--json")).run();
    assertThat(ps.output().strip()).as("guard ps: %s", ps.errors()).isEqualTo("[]");
    assertThat(store.files())
        .filteredOn(f -> !f.matches("guard/ended/[0-9a-f]{16}[.]json"))
        .containsExactly("guard", "guard/budgets/own.lock", "guard/budgets/own.state");
  }
}
