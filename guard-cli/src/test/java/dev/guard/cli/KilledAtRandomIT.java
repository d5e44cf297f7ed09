package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills guard, its process group, or guard and its lifeline with SIGKILL at random moments: the
 * tree ends by itself, or {@code guard reap} ends it, and nothing is left.
 */
@ExtendWith({NothingLeft.class, ReapLock.class})
class KilledAtRandomIT {
  // 3,000 with -Dkilled-at-random.kills=3000. The seed is printed, and can be given.
  private static final int KILLS = Integer.getInteger("killed-at-random.kills", 60);
  private static final long SEED =
      Long.getLong("killed-at-random.seed", System.nanoTime() & 0xffffff);
  private static final int LATEST_MILLIS = 900;
  private static final String TREE =
      "trap '' TERM; echo >began; setsid sleep 600 & sleep 600 & wait";

  @TempDir private Path directory;

  private enum Killed {
    GUARD,
    GROUP,
    GUARD_AND_SERVER
  }

  private record Kill(int number, Killed who, int afterMillis) {}

  @Test
  void nothingIsLeftWhoeverIsKilledWhenever() {
    Random random = new Random(SEED);
    List<Kill> kills =
        IntStream.range(0, KILLS)
            .mapToObj(
                i ->
                    new Kill(
                        i,
                        Killed.values()[i % Killed.values().length],
                        random.nextInt(LATEST_MILLIS)))
            .toList();
    List<String> problems = new ArrayList<>();
    Map<Killed, Integer> running = new TreeMap<>();
    Parallel.map(kills, this::kill)
        .forEach(
            (kill, problem) -> {
              problem.ifPresent(problems::add);
              if (!MachineRemains.text(store(kill).resolve("work/began")).isEmpty()) {
                running.merge(kill.who(), 1, Integer::sum);
              }
            });
    System.out.printf(
        "%d kills with seed %d, of these with a command that ran: %s%n", KILLS, SEED, running);
    assertThat(problems).as("seed %d", SEED).isEmpty();
    assertThat(running).as("commands that ran when they were killed").hasSize(3);
  }

  private Path store(Kill kill) {
    return directory.resolve(Integer.toString(kill.number()));
  }

  private Optional<String> kill(Kill kill) {
    try {
      OwnStore store = OwnStore.in(store(kill));
      Running guard =
          store
              .on(GuardProcess.exec("--timeout", "60", "--", "sh", "-c", TREE), "setsid")
              .with("GUARD_PIDS_MAX", KilledGuard.PIDS_MAX)
              .start();
      LockSupport.parkNanos(kill.afterMillis() * 1_000_000L);
      switch (kill.who()) {
        case GUARD -> guard.signal("KILL");
        case GROUP -> Signal.send("KILL", "-" + guard.pid());
        case GUARD_AND_SERVER -> {
          // The server first would be noticed.
          guard.signal("STOP");
          servers(guard.pid()).forEach(pid -> Signal.send("KILL", Long.toString(pid)));
          guard.signal("KILL");
        }
      }
      guard.await();
      leavesNothing(kill, store);
      return Optional.empty();
    } catch (AssertionError e) {
      return Optional.of(kill + ": " + e.getMessage());
    }
  }

  private static List<Long> servers(long guard) {
    return ProcessHandle.of(guard).stream()
        .flatMap(ProcessHandle::children)
        .map(ProcessHandle::pid)
        .filter(
            pid ->
                MachineRemains.text(Path.of("/proc/" + pid + "/cmdline"))
                    .contains("gateway\0private"))
        .toList();
  }

  private static void leavesNothing(Kill kill, OwnStore store) {
    String mark = "XDG_STATE_HOME=" + store.directory().resolve("state");
    if (kill.who() == Killed.GUARD_AND_SERVER) {
      Finished reap = store.on(GuardProcess.of("reap")).with("GUARD_KILL_AFTER", "0").run();
      assertThat(reap.exit()).as("reap: %s%s", reap.output(), reap.errors()).isZero();
    }
    Polling.until(
        "no process is left: " + MachineRemains.processesWith(mark),
        () -> MachineRemains.processesWith(mark).isEmpty());
    // A process that is about to end has no environment any more, and counts until it has ended.
    Finished next = store.on(GuardProcess.exec("--wait=10", "--", "true")).run();
    assertThat(next.exit()).as("the next call: %s", next.errors()).isZero();
    assertThat(next.errors()).isEmpty();
    Finished ps = store.on(GuardProcess.of("ps", "--json")).run();
    assertThat(ps.output().strip()).as("guard ps: %s", ps.errors()).isEqualTo("[]");
    assertThat(store.files())
        .filteredOn(f -> !f.matches("guard/ended/[0-9a-f]{16}[.]json"))
        .containsExactly("guard", "guard/budgets/own.lock", "guard/budgets/own.state");
  }
}
