package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Shows that starts of separate guards share one rate, and that a guard that comes too fast waits
 * longer and longer.
 */
@ExtendWith(NothingLeft.class)
class SpawnRateIT {
  private static final int STARTS = 6;
  private static final int RATE = 1;
  private static final Pattern WAITED = Pattern.compile("\"waited_seconds\":([0-9.]+)");

  /** Answers how long each of the starts of a script had to wait, in milliseconds. */
  private static List<Long> waits(String startOne, String atTheEnd) {
    Finished f =
        GuardProcess.script(
                "i=0; while [ $i -lt "
                    + STARTS
                    + " ]; do i=$((i + 1)); "
                    + startOne
                    + " done 3>&1; "
                    + atTheEnd)
            .with("GUARD_RATE_LIMIT", Integer.toString(RATE))
            .run();
    assertThat(f.exit()).as(f.errors()).isZero();
    List<Long> waits =
        WAITED
            .matcher(f.output())
            .results()
            .map(m -> Math.round(1000 * Double.parseDouble(m.group(1))))
            .toList();
    assertThat(waits).hasSize(STARTS);
    return waits;
  }

  private static long delayed(List<Long> waits) {
    return waits.stream().filter(ms -> ms > 0).count();
  }

  @Test
  void inARowTheyAreSlowedDown() {
    List<Long> waits = waits("\"$GUARD\" exec --report fd:3 -- true || exit;", "");

    assertThat(waits.get(0)).isZero();
    assertThat(delayed(waits)).isGreaterThanOrEqualTo(3);
    assertThat(Collections.max(waits)).isBetween(100L, 1000L);
  }

  /** Of twelve at two a second the last has its turn after five seconds. */
  @Test
  void atOnceTheyStartInTurnAndSayHowLongTheyHadToWait() {
    Finished f =
        GuardProcess.script(
                "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do"
                    + " \"$GUARD\" exec --rate-limit 2 -- date +%s.%N & done; wait")
            .run();
    List<Double> starts = f.lines().stream().map(Double::valueOf).sorted().toList();
    assertThat(starts).as(f.errors()).hasSize(12);
    // From the limiter's word to the first words of the command it takes different times.
    assertThat(starts.get(11) - starts.get(0)).isBetween(4.0, 7.0);
    List<String> told = f.errors().lines().toList();
    assertThat(told).hasSizeBetween(4, 10);
    assertThat(told)
        .allMatch(
            line ->
                line.matches(
                    "guard: the start had to wait [1-9][0-9]*[.][0-9]+ s for the rate limit of 2 a"
                        + " second in budget it-[0-9-]+ \\(--rate-limit; raise it there\\)"));
  }
}
