package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Os;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A program of the same user, with the view of a shim, that says what no shim says: others are
 * served meanwhile, and afterwards.
 */
@Needs({"unshare", "nsenter", "perl"})
class HostileClientIT {
  /** What has the frames, then what one client does with them; its words are in @ARGV. */
  private static final String FRAMES =
      """
      use Socket; use IO::Select; $| = 1; $SIG{PIPE} = "IGNORE";
      sub str { pack('V', length $_[0]) . $_[0] . "\\0" }
      sub list { pack('V', scalar @_) . join '', map { str($_) } @_ }
      sub frame { my ($type, $payload) = @_; pack('VC', 1 + length $payload, $type) . $payload }
      sub joined {
        socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die "socket: $!";
        connect($s, sockaddr_un('/run/guard/gateway-1')) or die "connect: $!";
        return $s;
      }
      sub hello {
        my @own = map { "$_=$ENV{$_}" } grep { /^(HOME|PATH|GUARD_|XDG_)/ } keys %ENV;
        my $words = list('guard', 'exec', '--', @_);
        return frame(1, pack('VQQV', 1, 0, 0, 0) . str('/') . pack('V', 3 + @_) . $words
          . list(@own) . pack('V', 0));
      }
      sub get { my ($s, $n) = @_; my $all = '';
        while (length $all < $n) { sysread($s, $all, $n - length $all, length $all) or return; }
        return $all; }
      # The type of the next frame that is no sign of life; 0: it has hung up.
      sub heard { my $s = shift;
        for (;;) {
          my $head = get($s, 5) or return 0;
          my ($size, $type) = unpack('VC', $head);
          get($s, $size - 1) if $size > 1;
          return $type if $type != 66;
        } }
      sub child { my $pid = fork; if ($pid == 0) { exec 'sleep', '600'; } return $pid; }
      """;

  private static final String CROWD =
      """
      my @all;
      for (1 .. $ARGV[0]) { my $s = joined(); syswrite($s, "\\x50\\0\\0"); push @all, $s; }
      my ($there, $gone) = (0, 0);
      for my $s (@all) {
        my $can = IO::Select->new($s)->can_read(0);
        $can && !sysread($s, my $byte, 1) ? $gone++ : $there++;
      }
      print scalar(@all), " $there\\n";
      sleep 600;
      """;

  @TempDir private static Path directory;
  private static OwnGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    Os.linux().becomeSubreaper();
    gateway = OwnGateway.on(OwnStore.in(directory.resolve("store")));
  }

  @AfterEach
  void nothingIsLeft() {
    NothingLeft.awaitNoneBut(Set.of(gateway.pid()));
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  private static GuardProcess client(String script, String... words) throws Exception {
    Path file = Files.createTempFile(directory, "client", ".pl");
    Files.writeString(file, FRAMES + script);
    String raised = "ulimit -n $(ulimit -Hn); exec perl \"$0\" \"$@\"";
    List<String> all = new ArrayList<>(List.of("-c", raised, file.toString()));
    all.addAll(List.of(words));
    return gateway.serving(GuardProcess.program(Path.of("/bin/sh"), all));
  }

  private static void othersAreServed() {
    for (int i = 0; i < 3; i++) {
      Finished f =
          gateway
              .serving(GuardProcess.exec("--gateway", "require", "--", "echo", "ran"))
              .with("GUARD_RATE_LIMIT", "0")
              .run();
      assertThat(f.output()).as(f.errors()).isEqualTo("ran\n");
    }
  }

  @Test
  void tenThousandConnectionsOfOneAreNothingToOthers() throws Exception {
    // Beside each other, as far as the machine lets one process have them.
    long most = Math.min(10_000, hardLimit() - 100);
    Running crowd = client(CROWD, Long.toString(most)).start();
    othersAreServed();
    Polling.until("all have connected", () -> !MachineRemains.text(crowd.output()).isEmpty());
    othersAreServed();
    String said = MachineRemains.text(crowd.output());
    System.out.println("connections of one process, and those that were kept: " + said.strip());
    assertThat(said).startsWith(most + " ");
    assertThat(Integer.parseInt(said.strip().split(" ", -1)[1])).isBetween(1, 1000);
    crowd.signal("KILL");
    crowd.await();
  }

  private static long hardLimit() throws Exception {
    String line =
        Files.readAllLines(Path.of("/proc/self/limits")).stream()
            .filter(l -> l.startsWith("Max open files"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(line.split(" +", -1)[4]);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // a child that is not its own
        "syswrite($s, frame(2, pack('V', $ARGV[0])));",
        // its own, which has not joined the cgroup of the grant
        "my $c = child(); syswrite($s, frame(2, pack('V', $c)));",
        // all at once, and again
        "my $c = child(); syswrite($s, frame(2, pack('V', $c)) x 3 . frame(3, '') x 3 . frame(5, pack('VQQQ', 0, 0, 0, 0)) x 3);",
        // the end of what was never made
        "syswrite($s, frame(5, pack('VQQQ', 0, 0, 0, 0)) . frame(4, pack('CV', 9, 2)));",
        // one child for two grants
        "my $c = child(); my $t = joined(); syswrite($t, hello('true')); heard($t); syswrite($_, frame(2, pack('V', $c))) for $s, $t;",
      })
  void whoAnswersAGrantWronglyHarmsItselfAlone(String answer) throws Exception {
    Running other = GuardProcess.program(Path.of("/bin/sleep"), List.of("600")).start();
    String script =
        "my $s = joined(); syswrite($s, hello('true')); print heard($s), qq{\\n};"
            + answer
            + "print qq{said\\n}; sleep 600;";
    Running hostile = client(script, Long.toString(other.pid())).start();
    Polling.until(
        "it has said all", () -> MachineRemains.text(hostile.output()).endsWith("said\n"));
    assertThat(MachineRemains.text(hostile.output())).as("it was granted").startsWith("68\n");
    othersAreServed();
    hostile.signal("KILL");
    hostile.await();
    // What it has made is ended now.
    othersAreServed();
    assertThat(other.isAlive()).as("the process that it has named").isTrue();
    other.signal("KILL");
    other.await();
  }
}
