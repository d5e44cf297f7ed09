package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Fills the disk of a detached command's log for a while: the command goes on, its log goes on when
 * there is room, and the loss is said. Needs root: the disk is mounted in a namespace of mounts.
 */
@ExtendWith(NothingLeft.class)
@Needs({"unshare", "mount"})
class FullLogIT {
  private static final int WRITTEN = 400_000;

  /** Room for some of what is written, and a file that can go. */
  private static final String DISK =
      "mkdir state && mount -t tmpfs -o size=256k,mode=700 none state && export XDG_STATE_HOME=$PWD/state"
          + " && head -c 128k /dev/zero >state/filler\n"
          + "until_() { n=0; until eval \"$1\" || [ $n = 400 ]; do n=$((n + 1)); sleep 0.05; done; }\n";

  private static final String START =
      "id=$(\"$GUARD\" exec -d -- sh -c 'until [ -e begin ]; do sleep 0.02; done; head -c "
          + WRITTEN
          + " /dev/zero; : >written; until [ -e room ]; do sleep 0.02; done; until [ -e end ]; do echo after;"
          + " sleep 0.05; done'); echo $id >id\n";

  private static final String GO_ON =
      "rm state/filler; : >room; until_ 'grep -qa ^after state/guard/logs/$id.log'\n"
          + "\"$GUARD\" logs $id >logs 2>said-by-logs; : >end; \"$GUARD\" wait $id 2>said-by-wait\n"
          + "\"$GUARD\" ps -a 2>said-by-ps >/dev/null; \"$GUARD\" rm $id\n";

  @TempDir private Path directory;

  private void run(String script) {
    Finished f =
        GuardProcess.script(
                "exec unshare -m --propagation private sh -c \"$1\"", DISK + START + script)
            .in(directory)
            .run();
    assertThat(f.errors()).doesNotContain("sh:");
  }

  private String text(String file) {
    return MachineRemains.text(directory.resolve(file));
  }

  private static long sum(String text, String pattern) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .mapToLong(n -> Long.parseLong(n.replaceAll("[^0-9]", "")))
        .sum();
  }

  @Test
  void whatIsMissingIsSaidWhileItRunsAndAfterwards() {
    run(
        ": >begin; until_ '[ -e written ]'\n"
            + "until_ '\"$GUARD\" ps 2>&1 >/dev/null | grep \"$id: .* missing\" >said-by-ps-before'\n"
            + GO_ON);
    String log = text("logs");
    long kept = log.chars().filter(c -> c == 0).count();
    long missing = sum(log, "guard: [0-9]+ bytes of output are missing here: No space left");
    assertThat(missing)
        .as("besides %d that are there", kept)
        .isPositive()
        .isEqualTo(WRITTEN - kept);
    assertThat(log).endsWith("after\n");
    String said =
        "guard: command "
            + text("id").strip()
            + ": "
            + missing
            + " bytes of its output are missing, since its log could not be written\n";
    assertThat(text("said-by-logs")).isEqualTo(said);
    assertThat(text("said-by-wait")).isEqualTo(said);
    assertThat(text("said-by-ps")).contains(said);
  }

  @Test
  void itsServerGoesOnWithoutTheShim() {
    run(
        "kill -9 $(sed -n 's/.*\"guard\":{\"pid\":\\([0-9]*\\).*/\\1/p' /run/guard/commands/$id.*.json); : >begin\n"
            + "until_ '[ -e written ]'\n"
            + GO_ON);
    String log = text("logs");
    assertThat(sum(log, "guard: (at least )?[0-9]+ bytes of output are missing here")).isPositive();
    assertThat(log).endsWith("after\n");
  }
}
