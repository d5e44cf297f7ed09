package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills guard with SIGKILL at each of its steps, one after the other until there are no more: no
 * place is lost, nothing runs outside a limit or stays, and the next call works.
 */
@Needs("cc")
@ExtendWith(NothingLeft.class)
class KilledAtEveryStepIT {
  private static final int AT_A_TIME = 16;
  private static final int NEVER = Integer.MAX_VALUE;
  // Each with -Dkilled-at-every-step.stride=1.
  private static final int STRIDE = Integer.getInteger("killed-at-every-step.stride", 3);
  private static final String ENDLESS =
      KilledGuard.SAY_LIMIT + "trap '' TERM; setsid sleep 600 & sleep 600 & wait";

  @TempDir private Path directory;
  private KillAtStep killer;

  @BeforeEach
  void compile() {
    killer = new KillAtStep(directory);
  }

  @Test
  void ofACommandThatEnds() {
    KilledGuard whole = untilNoneIsKilled(1, 1, this::ends, KilledGuard::await);
    assertThat(whole.ended()).hasValue(0);
    assertThat(whole.hasReleased()).isTrue();
    assertThat(whole.store().work("limit")).endsWith(" " + KilledGuard.PIDS_MAX + "\n");
  }

  private KilledGuard ends(int step) {
    return start(step, KillAtStep.ANY_GUARD, "--", "sh", "-c", KilledGuard.SAY_LIMIT + "exit 0");
  }

  /** Up to its release it is like any other. */
  @Test
  void ofACommandThatIsEndedAtItsDeadline() {
    KilledGuard ends = ends(NEVER);
    ends.await();
    KilledGuard whole =
        untilNoneIsKilled(ends.release().orElseThrow(), 1, this::isEnded, KilledGuard::await);
    assertThat(whole.ended()).hasValue(124);
  }

  private KilledGuard isEnded(int step) {
    String timeout = "--timeout=1";
    String grace = "--kill-after=0.2";
    return start(step, KillAtStep.ANY_GUARD, timeout, grace, "--", "sh", "-c", ENDLESS);
  }

  /** The second guard of --detach, which looks after the command; also while that is stopped. */
  @Test
  void thatLooksAfterADetachedCommand() {
    KilledGuard whole =
        untilNoneIsKilled(
            1,
            STRIDE,
            step -> isDetached(step, KillAtStep.DETACHED_GUARD),
            KilledGuard::isTruthfulOfTheDetached);
    assertThat(whole.ended()).hasValue(0);
  }

  /** The first guard of --detach. */
  @Test
  void thatDetachesACommand() {
    KilledGuard whole =
        untilNoneIsKilled(
            1, 1, step -> isDetached(step, KillAtStep.ANY_GUARD), KilledGuard::endsUnlessItWasTold);
    assertThat(whole.ended()).hasValue(0);
  }

  private KilledGuard isDetached(int step, String word) {
    return start(step, word, "--detach", "--kill-after=0.2", "--", "sh", "-c", ENDLESS);
  }

  private KilledGuard start(int step, String word, String... arguments) {
    return KilledGuard.start(killer, directory, step, word, arguments);
  }

  /** Kills at each step from this one on, several guards at a time; answers one that lived. */
  private static KilledGuard untilNoneIsKilled(
      int from, int stride, IntFunction<KilledGuard> start, Consumer<KilledGuard> meanwhile) {
    List<String> problems = new ArrayList<>();
    Optional<KilledGuard> lived = Optional.empty();
    for (int first = from; lived.isEmpty(); first += stride * AT_A_TIME) {
      List<Integer> steps =
          IntStream.iterate(first, s -> s + stride).limit(AT_A_TIME).boxed().toList();
      List<KilledGuard> all = new ArrayList<>();
      Parallel.map(
              steps,
              step -> {
                KilledGuard guard = start.apply(step);
                synchronized (all) {
                  all.add(guard);
                }
                return problem(meanwhile, guard);
              })
          .values()
          .forEach(p -> p.ifPresent(problems::add));
      NothingLeft.awaitNoProcess();
      check(all, KilledGuard::ranAsItShould, problems);
      check(all, KilledGuard::leavesNothing, problems);
      lived = all.stream().filter(k -> !k.wasKilled()).findFirst();
    }
    assertThat(problems).isEmpty();
    return lived.get();
  }

  private static void check(
      List<KilledGuard> guards, Consumer<KilledGuard> check, List<String> problems) {
    Parallel.map(guards, guard -> problem(check, guard))
        .values()
        .forEach(p -> p.ifPresent(problems::add));
  }

  private static Optional<String> problem(Consumer<KilledGuard> check, KilledGuard guard) {
    try {
      check.accept(guard);
      return Optional.empty();
    } catch (AssertionError e) {
      return Optional.of(guard + ": " + e.getMessage());
    }
  }
}
