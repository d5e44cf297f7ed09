package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows that output that guard prints and nobody gets is an error, as with coreutils. */
@ExtendWith({NothingLeft.class, Detached.Removed.class})
class LostOutputIT {
  private static final String LOST = "guard: not all of the output could be written";

  private static void assertFails(String words) {
    Finished f = GuardProcess.script("exec \"$GUARD\" " + words + " >/dev/full").run();
    assertThat(f.exit()).as(words).isEqualTo(125);
    assertThat(f.errors()).as(words).contains(LOST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ps",
        "ps --json",
        "history",
        "config show",
        "doctor cgroups",
        "session list --json",
        "completion",
        "--help",
        "exec --help"
      })
  void onAFullDevice(String words) {
    assertFails(words);
  }

  @Test
  void aLogOnAFullDevice() {
    Detached d = Detached.start("--", "sh", "-c", "echo something");
    Detached.guard("wait", d.id());
    assertFails("logs " + d.id());
    Finished why = GuardProcess.script("exec \"$GUARD\" logs " + d.id() + " >/dev/full").run();
    assertThat(why.errors()).isEqualTo(LOST + ": write descriptor 1: No space left on device\n");
  }

  private static Finished withoutReader(String before) {
    return GuardProcess.bash(
            "exec 3> >(exec true); wait $!; " + before + " \"$GUARD\" completion >&3; echo $? >&2")
        .run();
  }

  @Test
  void whoseReaderHasGoneDiesOfPipeUnlessThatIsIgnored() {
    assertThat(withoutReader("").errors()).endsWith("141\n").doesNotContain("guard:");
    assertThat(withoutReader("trap '' PIPE;").errors()).startsWith(LOST).endsWith("\n125\n");
  }
}
