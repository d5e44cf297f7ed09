package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Starts of separate guards share one rate, and whoever comes too fast waits longer and longer. */
@ExtendWith(NothingLeft.class)
class SpawnRateIT {
  private static final int STARTS = 20;
  private static final int RATE = 2;
  private static final Pattern WAITED = Pattern.compile("\"waited_seconds\":([0-9.]+)");

  /** How long each of the starts of a script had to wait, in milliseconds. */
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
    // 100 ms x 2^(violations - 1), at most 3 s, as often as it has to be asked for.
    assertThat(waits).hasSize(STARTS).allSatisfy(ms -> assertThat(ms % 100).isZero());
    return waits;
  }

  private static long delayed(List<Long> waits) {
    return waits.stream().filter(ms -> ms > 0).count();
  }

  @Test
  void twentyInARowAreSlowedDown() {
    List<Long> waits = waits("\"$GUARD\" exec --report fd:3 -- true || exit;", "");

    assertThat(waits.get(0)).isZero();
    assertThat(delayed(waits)).isGreaterThanOrEqualTo(3);
    assertThat(Collections.max(waits)).isBetween(100L, 1000L);
  }

  @Test
  void twentyAtOnceBackOff() {
    List<Long> waits = waits("\"$GUARD\" exec --report fd:3 -- true &", "wait");

    assertThat(delayed(waits)).isBetween(STARTS / 2L, (long) STARTS - RATE);
    assertThat(Collections.max(waits)).isGreaterThanOrEqualTo(1600);
  }
}
