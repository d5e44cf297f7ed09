package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Shows how {@code guard logs} prints what a detached command has written. */
@ExtendWith({NothingLeft.class, Detached.Removed.class})
class LogsIT {
  private static final long FULL = 8L << 20;
  private static final int LINE = 1024;
  private static final int LINES = 20 * 1024;

  /** Waits until it may, and writes LINES numbered lines of LINE bytes. */
  private static final String WRITES_MUCH =
      "print \"begins\\n\"; $| = 1; print ''; select undef, undef, undef, 0.02 until -e $ARGV[0];"
          + " $| = 0; printf '%0"
          + (LINE - 1)
          + "d' . \"\\n\", $_ for 1.."
          + LINES;

  @TempDir private Path directory;

  private Detached writer() {
    Path go = directory.resolve("go");
    Detached d = Detached.start("--", "perl", "-e", WRITES_MUCH, go.toString());
    d.awaitLog("begins\n");
    return d;
  }

  private void let() throws IOException {
    Files.writeString(directory.resolve("go"), "");
  }

  private static String line(int number) {
    return String.format("%0" + (LINE - 1) + "d\n", number);
  }

  private static String all() {
    return IntStream.rangeClosed(1, LINES)
        .mapToObj(LogsIT::line)
        .collect(Collectors.joining("", "begins\n", ""));
  }

  /** The newest bytes in at most two files, none of which is more than full. */
  private static void assertBoundedAndNewest(Detached d) throws IOException {
    Path older = d.log().resolveSibling(d.log().getFileName() + ".1");
    assertThat(Files.size(older)).isEqualTo(FULL);
    assertThat(Files.size(d.log())).isLessThanOrEqualTo(FULL);
    assertThat(d.log().resolveSibling(d.log().getFileName() + ".2")).doesNotExist();
    String kept = Detached.guard("logs", d.id()).output();
    assertThat(kept.length()).isEqualTo(Files.size(older) + Files.size(d.log()));
    assertThat(all().endsWith(kept)).as("the last %d bytes of all", kept.length()).isTrue();
  }

  @Test
  void bothStreamsInTheirOrder() {
    String script = "for i in 1 2 3 4 5 6 7 8 9; do echo out $i; echo err $i >&2; done";
    Detached d = Detached.start("--", "sh", "-c", script);
    Detached.guard("wait", d.id());
    assertThat(Detached.guard("logs", d.id()).output())
        .isEqualTo(
            IntStream.rangeClosed(1, 9)
                .mapToObj(i -> "out " + i + "\nerr " + i + "\n")
                .collect(Collectors.joining()));
  }

  @Test
  void bytesThatAreNoText() {
    Detached d = Detached.start("--", "perl", "-e", "print pack 'C*', 0..255, 255, 254, 0");
    Detached.guard("wait", d.id());
    String bytes =
        IntStream.concat(IntStream.range(0, 256), IntStream.of(255, 254, 0))
            .mapToObj(b -> String.valueOf((char) b))
            .collect(Collectors.joining());
    assertThat(Detached.guard("logs", d.id()).output()).isEqualTo(bytes);
  }

  @Test
  void twoFilesStayAndAFollowerMissesNothing() throws IOException {
    Detached d = writer();
    Running follower = GuardProcess.of("logs", "-f", d.id()).start();
    Polling.until("it follows", () -> MachineRemains.text(follower.output()).equals("begins\n"));
    let();
    Finished followed = follower.await();
    assertThat(followed.errors()).isEmpty();
    assertThat(followed.exit()).isZero();
    assertThat(followed.output().length()).isEqualTo(all().length());
    assertThat(followed.output().equals(all())).as("all that was written").isTrue();
    Detached.guard("wait", d.id());
    assertBoundedAndNewest(d);
  }

  @Test
  void theLogStaysBoundedWhenGuardIsKilled() throws IOException {
    Detached d = writer();
    Running follower = GuardProcess.of("logs", "--follow", d.id()).start();
    Polling.until("it follows", () -> MachineRemains.text(follower.output()).equals("begins\n"));
    Detached.kill(d.guard());
    let();
    Finished followed = follower.await();
    assertThat(followed.output().equals(all())).as("all that was written").isTrue();
    NothingLeft.awaitNoProcess();
    assertBoundedAndNewest(d);
  }

  @Test
  void rmTakesBothFilesAway() throws IOException {
    Detached d = writer();
    let();
    Detached.guard("wait", d.id());
    Detached.guard("rm", d.id());
    assertThat(d.log()).doesNotExist();
    assertThat(d.log().resolveSibling(d.log().getFileName() + ".1")).doesNotExist();
    assertThat(GuardProcess.of("logs", d.id()).run().exit()).isEqualTo(125);
  }

  @Test
  void aLogThatIsNotThereIsSaidToBeMissing() throws IOException {
    Detached d = Detached.start("--", "true");
    Detached.guard("wait", d.id());
    Files.delete(d.log());
    Finished none = GuardProcess.of("logs", d.id()).run();
    assertThat(none.exit()).isEqualTo(125);
    assertThat(none.errors())
        .isEqualTo(
            "guard: the log of command "
                + d.id()
                + " is not there: it was never written, or was removed\n");
  }

  @Test
  void thereIsNoneOfAnUnknownOrAForegroundCommand() {
    Finished unknown = GuardProcess.of("logs", "0123456789abcdef").run();
    assertThat(unknown.exit()).isEqualTo(125);
    assertThat(unknown.errors())
        .isEqualTo(
            "guard: no command 0123456789abcdef is known; guard ps --all lists those that are\n");
    Reported foreground = Reported.exec("--", "true");
    Finished none = GuardProcess.of("logs", foreground.id()).run();
    assertThat(none.exit()).isEqualTo(125);
    assertThat(none.errors())
        .isEqualTo(
            "guard: command " + foreground.id() + " has no log; only detached commands have one\n");
  }
}
