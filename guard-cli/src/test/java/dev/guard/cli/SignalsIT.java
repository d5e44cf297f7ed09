package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows that signals sent to guard reach the command's group, or keep the command from running. */
@ExtendWith(NothingLeft.class)
class SignalsIT {
  /** Two processes; each says that it is ready, and in its handler that the signal came. */
  private static final String PAIR =
      "my $child = fork; my $me = $child ? 'main' : 'child';\n"
          + "sub touch { open my $f, '>', $_[0] or die; close $f }\n"
          + "$SIG{$ARGV[0]} = sub { touch(\"$me.got\"); waitpid($child, 0) if $child; exit 0 };\n"
          + "touch(\"$me.ready\"); sleep 1 while 1";

  /** One process: when the file ran is there, the signal is caught and makes the status 9. */
  private static final String CATCHER =
      "$SIG{$ARGV[0]} = sub { exit 9 }; open my $f, '>', 'ran'; close $f; sleep 1 while 1";

  private static final Map<String, Integer> NUMBERS =
      Map.of("HUP", 1, "INT", 2, "QUIT", 3, "USR1", 10, "USR2", 12, "TERM", 15);

  /** Every signal that perl can catch is written into a file, by number. */
  private static final String WRITER =
      "use Config; my @names = split ' ', $Config{sig_name};\n"
          + "sub got { open my $f, '>>', 'got' or die; syswrite $f, \"$_[0]\\n\"; close $f }\n"
          + "for my $n (1 .. 64) { my $i = $n; $SIG{$names[$n]} = sub { got($i) } }\n"
          + "$SIG{$names[$ARGV[0]]} = sub { exit 7 }; got('ready'); sleep 1 while 1";

  /** The JVM of a test leaves both ignored in what it starts, and env(1) can not set them. */
  private static final String UNIGNORE =
      "my $d = pack('Q4', 0, 0, 0, 0); syscall(13, $_ + 0, $d, 0, 8) for 32, 33; exec @ARGV";

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT", "HUP", "QUIT", "USR1", "USR2"})
  void aSignalReachesEveryProcessOfTheGroup(String signal) {
    Running guard = GuardProcess.exec("--", "perl", "-e", PAIR, signal).in(directory).start();
    Polling.until("both are ready", () -> exists("main.ready") && exists("child.ready"));
    guard.signal(signal);
    Finished f = guard.await();
    assertThat(exists("main.got")).as("the main process got it").isTrue();
    assertThat(exists("child.got")).as("its child got it").isTrue();
    assertThat(f.exit()).isZero();
    assertThat(f.output()).as("nothing from guard, no thread dump").isEmpty();
    assertThat(f.errors()).isEmpty();
  }

  @Test
  void aSignalThatEndsTheCommandEndsGuard() {
    Running guard =
        GuardProcess.exec("--", "sh", "-c", "touch ready; exec sleep 60").in(directory).start();
    Polling.until("it runs", () -> exists("ready"));
    guard.signal("INT");
    assertThat(guard.await().exit()).isEqualTo(130);
  }

  @Test
  void aStoppedGuardActsOnItsSignalWhenContinued() {
    Running guard = GuardProcess.exec("--", "perl", "-e", PAIR, "HUP").in(directory).start();
    Polling.until("both are ready", () -> exists("main.ready") && exists("child.ready"));
    guard.signal("STOP");
    guard.signal("HUP");
    guard.signal("CONT");
    assertThat(guard.await().exit()).isZero();
    assertThat(exists("child.got")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT", "HUP", "QUIT", "USR1", "USR2"})
  void aSignalAtAnyMomentIsNeverLost(String signal) {
    // From the launcher's shell over the JVM's start and the held process to the command.
    List<Integer> delays = IntStream.range(0, 16).map(i -> i * 25).boxed().toList();
    Parallel.map(delays, delay -> signalled(signal, delay))
        .forEach((delay, how) -> assertThat(how).as("%s after %s ms", signal, delay).isEmpty());
  }

  /** Answers what was wrong, or an empty text. */
  private String signalled(String signal, int delayMillis) {
    try {
      Path at = Files.createTempDirectory(directory, "at");
      GuardProcess caller =
          GuardProcess.script(
              "ulimit -c 0; exec perl -e 'my $pid = fork; if (!$pid) { exec @ARGV[2..$#ARGV] }\n"
                  + "select undef, undef, undef, $ARGV[1] / 1000; kill $ARGV[0], $pid;\n"
                  + "waitpid $pid, 0; print $? & 127, \" \", $? >> 8' \\\n"
                  + (signal + " " + delayMillis)
                  + " \"$GUARD\" exec --timeout 20 -- perl -e "
                  + GuardProcess.quoted(CATCHER)
                  + " "
                  + signal);
      Finished f = caller.in(at).run();
      boolean ran = Files.exists(at.resolve("ran"));
      String expected = ran ? "0 9" : NUMBERS.get(signal) + " 0";
      return f.output().equals(expected) && f.errors().isEmpty()
          ? ""
          : "ran " + ran + ", ended " + f.output() + ", expected " + expected + f.errors();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean exists(String name) {
    return Files.exists(directory.resolve(name));
  }

  /** But for KILL and STOP, which nobody can catch, and 32 and 33, which the C library keeps. */
  @Test
  void everySignalReachesTheCommand() {
    int last = 64;
    Running guard =
        GuardProcess.exec("--timeout", "60", "--", "perl", "-e", WRITER, "" + last)
            .in(directory)
            .start();
    Polling.until("it is ready", () -> got().contains("ready"));
    for (int n = 1; n < last; n++) {
      if (!List.of(9, 19, 32, 33).contains(n)) {
        String number = "" + n;
        guard.signal(number);
        Polling.until("signal " + n + " reaches it", () -> got().contains(number));
      }
    }
    guard.signal("" + last);
    assertThat(guard.await().exit()).isEqualTo(7);
  }

  private List<String> got() {
    try {
      return exists("got") ? Files.readAllLines(directory.resolve("got")) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"32", "33"})
  void alsoThoseThatTheLibraryKeeps(String signal) {
    Running guard =
        GuardProcess.exec("--report", "report", "--", "sh", "-c", "touch ready; exec sleep 60")
            .through("perl", "-e", UNIGNORE)
            .in(directory)
            .start();
    Polling.until("it runs", () -> exists("ready"));
    guard.signal(signal);
    assertThat(guard.await().exit()).isEqualTo(128 + Integer.parseInt(signal));
    assertThat(directory.resolve("report")).content().contains("\"signal\":" + signal + ",");
  }

  @Test
  void ignoredByDefaultTheyEndNoCommandThatWaits() {
    GuardProcess waiting =
        GuardProcess.exec("--wait=60", "--", "true")
            .with("GUARD_MAX_PROCESSES", "1")
            .with("GUARD_BUDGET", "signals-" + directory.getFileName());
    Running first =
        GuardProcess.exec("--", "sh", "-c", "touch ready; exec sleep 60")
            .with("GUARD_BUDGET", "signals-" + directory.getFileName())
            .in(directory)
            .start();
    Polling.until("it runs", () -> exists("ready"));
    Running second = waiting.start();
    Polling.until("it takes signals", () -> takes(second.pid(), 23));
    for (String signal : List.of("URG", "WINCH", "CHLD", "CONT")) {
      second.signal(signal);
    }
    first.signal("TERM");
    assertThat(first.await().exit()).isEqualTo(143);
    assertThat(second.await().exit()).isZero();
  }

  /** Tells whether a handler, or a read of a signalfd(2), takes a signal. */
  private static boolean takes(long pid, int signal) {
    try {
      return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
          .filter(l -> l.startsWith("SigCgt:") || l.startsWith("SigBlk:"))
          .anyMatch(l -> (Long.parseUnsignedLong(l.substring(8), 16) >> (signal - 1) & 1) != 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
