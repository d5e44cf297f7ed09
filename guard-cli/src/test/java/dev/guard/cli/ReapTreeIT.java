package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Shows that {@code guard stop} and {@code guard rm -f} end a whole detached tree: an inner process
 * group, a daemon, one without environment, and a namespace of processes, whose first one outlives
 * whatever signal another asks it to end with. Needs root for the namespace.
 */
@ExtendWith({NothingLeft.class, Detached.Removed.class})
@Needs("unshare")
class ReapTreeIT {
  private static final int ROUNDS = 5;

  private static final String TREE =
      "perl -e 'setpgrp; $SIG{TERM} = \"IGNORE\"; sleep 301' &"
          + " setsid sh -c 'setsid sleep 302 & :' &"
          + " setsid env -i sh -c 'trap \"\" TERM; setsid sleep 303 & :' &"
          + " unshare -pf sh -c 'setsid sleep 304 & sleep 305; :' &"
          + " unshare -pf env -i sleep 306 & ";

  private static final List<String> SLEEPS = List.of("301", "302", "303", "304", "305", "306");

  /** Who has died before. */
  enum KilledTree {
    NOBODY,
    GUARD,
    GUARD_AND_LIFELINE
  }

  static Stream<Arguments> all() {
    return Stream.of("stop --grace=0.2", "rm -f")
        .flatMap(
            words -> Stream.of(KilledTree.values()).map(killed -> Arguments.of(words, killed)));
  }

  @ParameterizedTest
  @MethodSource("all")
  void leavesNothing(String words, KilledTree killed) {
    for (int round = 1; round <= ROUNDS; round++) {
      Detached d = tree(Cgroups.AS_THEY_ARE);
      if (killed == KilledTree.GUARD) {
        Detached.kill(d.guard());
      } else if (killed == KilledTree.GUARD_AND_LIFELINE) {
        Detached.kill(d.guard(), d.lifeline());
      }
      assertLeavesNothing(Cgroups.AS_THEY_ARE, words, d);
    }
  }

  /** One without environment that loses its parent is then known to its guard alone. */
  @ParameterizedTest
  @ValueSource(strings = {"stop --grace=0.2", "rm -f"})
  void withoutCgroupsToo(String words) {
    assertLeavesNothing(Cgroups.NONE, words, tree(Cgroups.NONE));
  }

  private static Detached tree(Cgroups cgroups) {
    Detached d = Detached.start(cgroups::on, "--", "sh", "-c", TREE + "sleep 300");
    Polling.until("the whole tree runs", () -> sleeping().size() == SLEEPS.size());
    return d;
  }

  private static void assertLeavesNothing(Cgroups cgroups, String words, Detached d) {
    String[] call = (words + " " + d.id()).split(" ", -1);
    Finished f = cgroups.on(GuardProcess.of(call)).run();
    assertThat(sleeping()).isEmpty();
    assertThat(f.errors()).isEmpty();
    assertThat(f.exit()).isZero();
    d.assertGone();
  }

  /** Answers the processes of the tree that live, by their last arguments. */
  private static List<String> sleeping() {
    return ProcessHandle.current()
        .descendants()
        .filter(ProcessHandle::isAlive)
        .flatMap(p -> p.info().arguments().stream())
        .filter(a -> a.length > 0 && last(a).matches(".*\\b30[1-6]"))
        .map(a -> last(a).replaceAll(".*\\b(30[1-6])", "$1"))
        .filter(SLEEPS::contains)
        .distinct()
        .toList();
  }

  private static String last(String... arguments) {
    return Arrays.asList(arguments).get(arguments.length - 1);
  }
}
