package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows that a command inherits more than arguments, environment and descriptors, and gets it
 * unchanged.
 */
@ExtendWith(NothingLeft.class)
class InheritedStateIT {
  private static final String SIGNALS = "cat /proc/self/status";
  private static final String FILES =
      "sh -c 'ulimit -Sn; ulimit -Hn; sh -c \"ulimit -Sn; ulimit -Hn\"'";

  @TempDir private Path directory;

  // 32 and 33 are the C library's own, and a caller's can come from its parent's posix_spawn(3).
  private static final long RESERVED = 3L << 31;

  @Test
  void noSignalIsBlockedIgnoredOrCaught() {
    Finished f = GuardProcess.script("\"$GUARD\" exec -- " + SIGNALS).run();
    assertThat(mask(f, "SigBlk")).isZero();
    assertThat(mask(f, "SigIgn") & ~RESERVED).isZero();
    assertThat(mask(f, "SigCgt")).isZero();
  }

  @Test
  void whatTheCallerIgnoresStaysIgnoredAndNothingElse() {
    for (String caller : List.of("nohup", "env", "env --ignore-signal=INT,PIPE,USR2,TERM")) {
      long direct = mask(GuardProcess.script(caller + " " + SIGNALS).run(), "SigIgn");
      Finished f = GuardProcess.script(caller + " \"$GUARD\" exec -- " + SIGNALS).run();
      assertThat(mask(f, "SigIgn") & ~RESERVED).as(caller).isEqualTo(direct & ~RESERVED);
    }
  }

  private static long mask(Finished f, String name) {
    String line =
        f.lines().stream().filter(l -> l.startsWith(name + ":")).findFirst().orElseThrow();
    return Long.parseUnsignedLong(line.substring(name.length() + 1).strip(), 16);
  }

  @Test
  void theUmaskAndTheDirectory() throws Exception {
    Path at = Files.createDirectory(directory.resolve("at")).toRealPath();
    Finished f =
        GuardProcess.script("umask 0137; cd at; \"$GUARD\" exec -- sh -c 'umask; pwd -P'")
            .in(directory)
            .run();
    assertThat(f.lines()).containsExactly("0137", at.toString());
  }

  @Test
  void aRemovedDirectoryIsSaidClearly() {
    Finished f =
        GuardProcess.script("mkdir gone; cd gone; rmdir ../gone; exec \"$GUARD\" exec -- echo ran")
            .in(directory)
            .run();
    if (ResidentGateway.isWanted()) {
      assertThat(f.output()).as("Java alone needs a directory").isEqualTo("ran\n");
      return;
    }
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.output()).isEmpty();
    assertThat(f.errors()).contains("guard: the working directory has been removed");
  }

  @Test
  void openFilesAreTheLimitSoftAndHardInTheWholeTree() {
    Finished f =
        GuardProcess.script("ulimit -S -n 300; \"$GUARD\" exec --open-files 777 -- " + FILES).run();
    assertThat(f.lines()).containsExactly("777", "777", "777", "777");
  }

  @Test
  void openFilesAreNeverRaisedAboveWhatIsInherited() {
    Finished f = GuardProcess.script("ulimit -n 500; \"$GUARD\" exec -- " + FILES).run();
    assertThat(f.lines()).containsExactly("500", "500", "500", "500");
  }

  @Test
  void withoutThatLimitBothStayAsTheyWere() {
    Finished f =
        GuardProcess.script(
                "ulimit -S -n 400; ulimit -H -n 900; \"$GUARD\" exec --open-files 0 -- " + FILES)
            .run();
    assertThat(f.lines()).containsExactly("400", "900", "400", "900");
  }

  @Test
  void theDefaultIs16384OrTheInheritedLimit() {
    String inherited = GuardProcess.script("ulimit -Hn").run().output().strip();
    long hard = inherited.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(inherited);
    String limit = Long.toString(Math.min(16384, hard));
    Finished f = GuardProcess.script("\"$GUARD\" exec -- " + FILES).run();
    assertThat(f.lines()).containsExactly(limit, limit, limit, limit);
  }
}
