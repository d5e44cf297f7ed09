package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Shows that a command is in its caller's process group with {@code --foreground}, and ends on
 * time.
 */
@ExtendWith(NothingLeft.class)
class ForegroundIT {
  /** A tree of which one has left its group, under a script that is in the same group. */
  private static final String TREE =
      "(setsid sleep 301 &); sleep 302 & trap '' TERM; while :; do sleep 303; done";

  @Test
  void theCommandIsInTheGroupOfItsCaller() {
    Reported r = Reported.exec("--foreground", "--", "sh", "-c", "exec ps -o pgid= -p $$,$PPID");
    List<String> groups = r.finished().lines();
    assertThat(groups).hasSize(2);
    assertThat(groups.get(0)).isEqualTo(groups.get(1));
    assertThat(r.layer("process_group").get("state").getAsString()).isEqualTo("off");
    assertThat(r.layer("process_group").get("detail").getAsString()).isEqualTo("--foreground");
  }

  @ParameterizedTest
  @EnumSource(Cgroups.class)
  void itsTreeEndsAndNobodyElseOfTheGroup(Cgroups cgroups) {
    Finished f =
        cgroups
            .on(
                GuardProcess.script(
                    "sleep 20 & \"$GUARD\" exec --foreground --timeout 1 --kill-after 0.3 --"
                        + " sh -c \"$1\"; echo $?; kill $! && echo the other one lives",
                    TREE))
            .run();
    assertThat(f.lines()).as(f.errors()).containsExactly("124", "the other one lives");
  }

  @Test
  void aSignalGoesToTheCommand() {
    Finished f =
        GuardProcess.script(
                "\"$GUARD\" exec --foreground -- sh -c 'trap \"exit 6\" TERM; kill $PPID;"
                    + " while :; do sleep 0.05; done'; echo $?")
            .run();
    assertThat(f.lines()).containsExactly("6");
  }

  @Test
  void aDetachedCommandHasNoCaller() {
    Finished f = GuardProcess.exec("--foreground", "-d", "--", "true").run();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors()).startsWith("guard: --foreground: ");
  }
}
