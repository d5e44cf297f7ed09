package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Shows how {@code --cpu-time} ends a command, and what the report says of its use. */
@ExtendWith(NothingLeft.class)
class CpuTimeIT {
  private static final String TWO_LOOPS = "while :; do :; done & while :; do :; done";

  private static Reported ended(UnaryOperator<GuardProcess> changes) {
    Reported r =
        Reported.exec(changes, "--cpu-time=0.4", "--timeout=60", "--", "sh", "-c", TWO_LOOPS);
    assertThat(r.finished().exit()).as(r.finished().errors()).isEqualTo(124);
    assertThat(r.cause()).isEqualTo("cpu_time");
    assertThat(r.finished().errors())
        .contains("used up its processor time of 0.4 s (--cpu-time; raise it there)");
    assertThat(r.layer("cpu_time").get("limit").getAsString()).isEqualTo("0.4");
    return r;
  }

  @Test
  void aTreeThatHasUsedItUpIsEnded() {
    Reported r = ended(guard -> guard);
    assertThat(r.usage("cpu_micros")).isGreaterThanOrEqualTo(400_000);
    assertThat(r.layer("cpu_time").get("state").getAsString()).isEqualTo("active");
  }

  @Test
  void withoutACgroupToo() {
    Reported r = ended(Cgroups.NONE::on);
    assertThat(r.layer("cpu_time").get("state").getAsString()).isEqualTo("degraded");
    assertThat(r.layer("cpu_time").get("detail").getAsString()).contains("no cgroup counts it");
  }

  @Test
  void whatRestsIsNot() {
    Reported r = Reported.exec("--cpu-time=0.4", "--", "sleep", "0.5");
    assertThat(r.finished().exit()).isZero();
    assertThat(r.cause()).isEqualTo("exited");
  }

  @Test
  void eachProcessHasTheKernelsLimit() {
    Finished f =
        GuardProcess.exec(
                "--cpu-time=2.5", "--kill-after=7", "--", "bash", "-c", "ulimit -St; ulimit -Ht")
            .run();
    assertThat(f.lines()).containsExactly("3", "10");
    Finished inherited =
        GuardProcess.bash(
                "ulimit -St 2; ulimit -Ht 4; \"$GUARD\" exec --cpu-time=100 -- bash -c 'ulimit -St; ulimit -Ht'")
            .run();
    assertThat(inherited.lines()).containsExactly("2", "4");
  }

  /** The largest process has more than all others. */
  @Test
  void thePeakOfMemoryIsReportedWithoutALimit() {
    String large = "my $x = 'x' x 400_000_000; exit 0";
    Reported r =
        Reported.exec("--", "sh", "-c", "perl -e \"" + large.replace("$", "\\$") + "\"; exit 0");
    JsonObject usage = r.report().getAsJsonObject("usage");
    assertThat(usage.get("peak_memory_bytes").getAsLong()).isBetween(400_000_000L, 1_000_000_000L);
    assertThat(usage.get("peak_memory_source").getAsString()).isIn("rusage", "cgroup");
    JsonObject small = Reported.exec("--", "true").report().getAsJsonObject("usage");
    // The shim that has made it is smaller than any command.
    assertThat(small.get("peak_memory_source").getAsString()).isIn("rusage", "cgroup");
    assertThat(small.get("peak_memory_bytes").getAsLong()).isBetween(1L, 300_000_000L);
  }
}
