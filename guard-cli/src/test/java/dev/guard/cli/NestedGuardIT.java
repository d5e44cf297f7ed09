package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Runs a guard inside a command of another one. Needs a host where the pids layer is active. */
@ExtendWith(NothingLeft.class)
class NestedGuardIT {
  private static final String GUARD = GuardProcess.GUARD.toString();

  @TempDir private Path directory;

  private List<String> inner(String... rest) {
    Path report = directory.resolve("inner.json");
    return Stream.concat(
            Stream.of(GUARD, "exec", "--report=" + report, "--pids-max=300", "--timeout=60", "--"),
            Stream.of(rest))
        .toList();
  }

  @Test
  void theInnerCommandIsBelowTheOuterOnesLimitAndSaysSo() throws IOException {
    Reported outer =
        Reported.exec(
            outer("--pids-max=200", inner("sh", "-c", "grep -E 'pids:|^0::' /proc/self/cgroup")));
    String id = outer.id();
    assertThat(outer.finished().output())
        .matches("(?s).*/guard/cmd_" + id + "/guard/cmd_[0-9a-f]{16}\\b.*");
    String report = Files.readString(directory.resolve("inner.json"));
    assertThat(report)
        .contains("inside command " + id + ", which counts this one too")
        .contains("\"name\":\"pids\",\"state\":\"active\",\"limit\":\"300\"")
        .containsPattern("; bound from above by [^\"]*/guard/cmd_" + id + ": pids.max 200\"");
  }

  @Test
  void theOuterLimitEndsInAnInnerBombAsWell() throws IOException {
    Reported outer =
        Reported.exec(
            outer(
                "--pids-max=120",
                inner(
                    "perl",
                    "-e",
                    "for (1..250) { $p = fork; defined $p or exit 7; $p or sleep 60 }")));
    assertThat(outer.usage("peak_pids")).isLessThanOrEqualTo(120);
    assertThat(Files.readString(directory.resolve("inner.json"))).contains("\"code\":7");
  }

  @Test
  void theOuterTimeoutEndsBoth() {
    Reported outer =
        Reported.exec(outer("--timeout=3", inner("sh", "-c", "setsid sleep 60 & sleep 60")));
    assertThat(outer.finished().exit()).isEqualTo(124);
    assertThat(outer.report().getAsJsonArray("survivors")).isEmpty();
  }

  private static String[] outer(String option, List<String> command) {
    return Stream.concat(Stream.of("--require=pids", option, "--"), command.stream())
        .toArray(String[]::new);
  }
}
