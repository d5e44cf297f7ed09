package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Os;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A gateway serves callers in which no JVM could run, and outlives commands that end all JVMs: in a
 * world of its own, since this test is one.
 */
@Needs({"unshare", "nsenter", "perl", "pgrep"})
class NarrowCallersIT {
  @TempDir private static Path directory;
  private static OwnWorld world;

  @BeforeAll
  static void make() throws Exception {
    Os.linux().becomeSubreaper();
    world = OwnWorld.in(directory.resolve("world"));
    Finished f = world.run("$GUARD gateway start");
    assertThat(f.exit()).as(f.errors()).isZero();
  }

  @AfterAll
  static void end() {
    world.close();
  }

  private static Finished required(String before, String command) {
    return world.run(before + " exec $GUARD exec --gateway require -- " + command);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ulimit -v 500000;",
        "ulimit -d 200000;",
        "ulimit -s 200;",
        "ulimit -n 6;",
        "ulimit -l 0; ulimit -c 0;",
        "export LD_PRELOAD=/not/there.so;",
        "export LD_LIBRARY_PATH=/not/there; export JAVA_TOOL_OPTIONS=-Xbad;",
        "exec </dev/null 3</dev/null 4</dev/null;",
      })
  void whereNoMachineOfJavaRunsTheCommandDoes(String narrow) {
    Finished f = required(narrow, "sh -c 'echo ran; exit 3'");
    assertThat(f.output()).as(f.errors()).isEqualTo("ran\n");
    assertThat(f.exit()).isEqualTo(3);
  }

  @Test
  void whoMayNotMakeMemoryExecutableIsServed() {
    // PR_SET_MDWE of prctl(2), 65, by which a JVM can not compile.
    Finished f =
        world.run(
            "number=157; [ $(uname -m) = x86_64 ] || number=167;"
                + " exec perl -e 'syscall(shift, 65, 1, 0, 0, 0) == 0 or die $!; exec @ARGV' $number"
                + " $GUARD exec --gateway require -- echo ran");
    assertThat(f.output()).as(f.errors()).isEqualTo("ran\n");
  }

  @Test
  void aCommandThatEndsAllMachinesOfJavaEndsNoGuard() {
    Finished f = required("", "sh -c 'pkill -x java; pkill -9 -x java; echo survived'");
    assertThat(f.output()).isEqualTo("survived\n");
    assertThat(f.exit()).isZero();
    assertThat(required("", "echo again").output()).isEqualTo("again\n");
  }

  @Test
  void norTheServerOfTheOneShim() {
    Finished f =
        world.run(
            "exec $GUARD exec --gateway off -- sh -c 'pkill -x java; pkill -9 -x java; echo survived'");
    assertThat(f.output()).as(f.errors()).isEqualTo("survived\n");
    assertThat(f.errors()).isEmpty();
    assertThat(f.exit()).isZero();
  }
}
