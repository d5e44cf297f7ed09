package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Shows that the command has the caller's descriptors, and none of guard's. */
@ExtendWith(NothingLeft.class)
class DescriptorsIT {
  // After closedir the list's own descriptor is gone.
  private static final String LIST =
      "perl -e 'opendir D, \"/proc/self/fd\"; @fds = readdir D; closedir D;"
          + " for (sort {$a <=> $b} grep /^\\d+$/, @fds)"
          + " { $to = readlink \"/proc/self/fd/$_\"; print \"$_ $to\\n\" if defined $to }'";

  @TempDir private Path directory;

  @Test
  void theStandardThreeAndNoMore() {
    Finished f = GuardProcess.bash("\"$GUARD\" exec -- " + LIST + " 2>&1 | cut -d' ' -f1").run();
    assertThat(f.lines()).containsExactly("0", "1", "2");
  }

  @Test
  void theCallersOwnPassUnderTheirNumbers() throws IOException {
    Files.writeString(directory.resolve("in"), "from nine\n");
    Finished f =
        GuardProcess.bash(
                "exec 7>seven 9<in 15<>fifteen 200>>two-hundred\n"
                    + "\"$GUARD\" exec -- bash -c 'read -ru 9 line; echo \"$line\"; echo to seven >&7\n"
                    + "echo to two hundred >&200'\n"
                    + "\"$GUARD\" exec -- "
                    + LIST)
            .in(directory)
            .run();
    assertThat(f.errors()).isEmpty();
    Path at = directory.toRealPath();
    assertThat(f.lines().get(0)).isEqualTo("from nine");
    assertThat(f.lines().subList(4, f.lines().size()))
        .containsExactlyInAnyOrder(
            "7 " + at.resolve("seven"),
            "9 " + at.resolve("in"),
            "15 " + at.resolve("fifteen"),
            "200 " + at.resolve("two-hundred"));
    assertThat(at.resolve("seven")).hasContent("to seven");
    assertThat(at.resolve("two-hundred")).hasContent("to two hundred");
  }

  @Test
  void aClosedStandardStreamStaysClosed() {
    Finished f =
        GuardProcess.bash(
                "\"$GUARD\" exec -- sh -c 'for n in 0 1 2; do [ ! -e /proc/$$/fd/$n ] || echo $n; done'"
                    + " <&- 2>&-\n\"$GUARD\" exec -- sh -c 'read -r x' <&-; echo $?\n"
                    + "\"$GUARD\" exec -- sh -c 'echo x' >&- 2>/dev/null; echo $?")
            .run();
    assertThat(f.lines()).hasSize(3);
    assertThat(f.lines().get(0)).isEqualTo("1");
    assertThat(f.lines().subList(1, 3)).as("reading, writing").doesNotContain("0");
  }

  @Needs("make")
  @Test
  void aMakeJobserverGoesThroughGuard() throws IOException {
    // With one job slot the recipes would wait for each other for ever.
    Files.writeString(
        directory.resolve("Makefile"),
        "all:\n\t+@\"$(GUARD)\" exec --timeout 30 -- $(MAKE) sub\n"
            + "sub: one two\n"
            + "one:\n\t@touch $@; until [ -e two ]; do sleep 0.02; done; echo $@\n"
            + "two:\n\t@touch $@; until [ -e one ]; do sleep 0.02; done; echo $@\n");
    Finished f = GuardProcess.script("make -j2 all").in(directory).run();
    assertThat(f.errors()).as("no warning of an unavailable jobserver").isEmpty();
    assertThat(f.exit()).isZero();
    assertThat(f.lines()).contains("one", "two");
  }

  @Test
  void theReportsDescriptorIsGuardsAlone() throws IOException {
    Finished f =
        GuardProcess.bash("\"$GUARD\" exec --report fd:5 -- " + LIST + " 5>report 6>six")
            .in(directory)
            .run();
    assertThat(f.lines().stream().map(l -> l.split(" ", 2)[0])).containsExactly("0", "1", "2", "6");
    JsonObject report = Reported.parse(Files.readString(directory.resolve("report")));
    assertThat(report.getAsJsonObject("exit").get("code").getAsInt()).isZero();
  }
}
