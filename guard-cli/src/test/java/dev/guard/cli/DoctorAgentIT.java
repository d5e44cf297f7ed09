package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Calls {@code guard doctor AGENT} with an agent that is a script, which speaks as Pi does. */
class DoctorAgentIT {
  /** An agent, but for which shell it takes for a command: {@code @SHELL@}. */
  private static final String AGENT =
      """
      #!/usr/bin/perl
      use strict; use warnings; use IO::Socket::INET; use JSON::PP; use POSIX 'setsid';
      if ($ARGV[0] eq '--version') { print "1.6.0\\n"; exit 0 }
      sub text { open(my $f, '<', $_[0]) or die "$_[0]: $!"; local $/; return scalar <$f> }
      my $place = "$ENV{HOME}/.pi/agent";
      die "there are credentials\\n" if -e "$place/auth.json" || text("$place/settings.json") =~ /secret/;
      die "there is a network\\n" if text('/proc/net/dev') =~ /^\\s*(?!lo:)\\w+:/m;
      my $set_up = decode_json(text("$place/settings.json"))->{shellPath} || '/bin/bash';
      my $url = decode_json(text("$place/models.json"))->{providers}{loopback}{baseUrl};
      my ($host, $path) = $url =~ m{^http://([^/]+)(/.*)};
      my @tools = ({type => 'function', function => {name => 'bash', parameters => {properties =>
        {command => {type => 'string'}, timeout => {description => 'in seconds'}}}}});
      my @messages = ({role => 'user', content => $ARGV[-1]});
      while (1) {
        my $body = encode_json({model => 'm', messages => \\@messages, tools => \\@tools});
        my $socket = IO::Socket::INET->new($host) or die "$host: $!";
        print $socket "POST $path/chat/completions HTTP/1.1\\r\\nHost: $host\\r\\nConnection: close\\r\\n",
          "Content-Length: ", length($body), "\\r\\n\\r\\n$body";
        my $answer = do { local $/; <$socket> };
        my $message = decode_json($answer =~ s/^.*?\\r\\n\\r\\n//sr)->{choices}[0]{message};
        push @messages, $message;
        my $call = $message->{tool_calls}[0] or last;
        my $arguments = decode_json($call->{function}{arguments});
        my $command = $arguments->{command};
        my $shell = @SHELL@;
        pipe(my $out, my $in) or die;
        my $pid = fork();
        if (!$pid) { setsid(); open(STDOUT, '>&', $in); exec($shell, '-c', $command) or die }
        close $in;
        local $SIG{ALRM} = sub { kill 'KILL', -$pid };
        alarm($arguments->{timeout} || 0);
        waitpid($pid, 0);
        alarm(0);
        my $result = $command =~ /sleep/ ? 'left' : do { local $/; <$out> };
        push @messages, {role => 'tool', tool_call_id => $call->{id}, content => $result};
      }
      print "$messages[-1]{content}\\n";
      """;

  @TempDir Path temporary;
  private Path home;

  static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  @BeforeEach
  void aHome() throws IOException {
    home = Files.createDirectory(temporary.toRealPath().resolve("home"));
    Files.createDirectories(home.resolve(".pi/agent"));
    Files.writeString(
        home.resolve(".pi/agent/settings.json"),
        "{\"quietStartup\": true, \"apiKey\": \"secret\"}");
    Files.writeString(home.resolve(".pi/agent/auth.json"), "{}");
  }

  /** Installs an agent that takes this shell, an expression of Perl. */
  private void agent(String shell) throws IOException {
    Path programs = Files.createDirectory(home.resolve("programs"));
    GuardProcess.program(programs.resolve("pi"), AGENT.replace("@SHELL@", shell));
  }

  private GuardProcess guard(String... words) {
    return GuardProcess.of(words)
        .in(home)
        .with("HOME", home.toString())
        .with("PATH", home + "/programs:/usr/bin:/bin")
        .without("XDG_CONFIG_HOME");
  }

  private void setUp() {
    Finished setup = guard("setup", "pi").run();
    assertThat(setup.exit()).as(setup.errors()).isZero();
  }

  /** Answers the status of each check, without those of layers. */
  private static Map<String, String> statuses(Finished run) {
    Map<String, String> found = new TreeMap<>();
    for (JsonElement each : JsonParser.parseString(run.output()).getAsJsonArray()) {
      JsonObject finding = each.getAsJsonObject();
      if (!finding.get("check").getAsString().equals("receipt")) {
        found.put(finding.get("check").getAsString(), finding.get("status").getAsString());
      }
    }
    return found;
  }

  @Test
  @EnabledIf(value = "isRoot", disabledReason = "only root surely has a network namespace")
  void anAgentThatKeepsToItsSettingsPasses() throws IOException {
    agent("$set_up");
    setUp();
    Finished run = guard("doctor", "pi").run();
    assertThat(run.exit()).as(run.output() + run.errors()).isZero();
    assertThat(run.output())
        .containsPattern("pass +version: Pi 1[.]6[.]0, " + home + "/programs/pi")
        .contains("copied: " + home + "/.pi/agent/settings.json, without apiKey\n")
        .contains("not copied: " + home + "/.pi/agent/auth.json\n")
        .containsPattern("pass +command: it ran as command [0-9a-f]{16} of Guard's history")
        .containsPattern("pass +receipt pids: active, ")
        .containsPattern("pass +leftovers: ")
        .containsPattern("pass +own_timeout: ")
        .containsPattern("skipped +deny_rule: ")
        .containsPattern("pass +latency: a command took \\d+ ms with Guard, \\d+ ms without")
        .doesNotContain("fail ");
    assertThat(home.resolve(".local/state/guard/events.jsonl")).doesNotExist();
  }

  @Test
  @EnabledIf(value = "isRoot", disabledReason = "only root surely has a network namespace")
  void anAgentThatTakesAnotherShellFails() throws IOException {
    agent("'/bin/bash'");
    setUp();
    Finished run = guard("doctor", "pi", "--json").run();
    assertThat(run.exit()).as(run.output() + run.errors()).isEqualTo(1);
    assertThat(statuses(run))
        .containsEntry("setup", "pass")
        .containsEntry("run", "pass")
        .containsEntry("command", "fail")
        .containsEntry("leftovers", "fail")
        .containsEntry("latency", "skipped");
  }

  @Test
  @EnabledIf(value = "isRoot", disabledReason = "only root surely has a network namespace")
  void anAgentWhoseCommandsLeaveProcessesFails() throws IOException {
    agent("$command =~ /setsid/ ? '/bin/bash' : $set_up");
    setUp();
    Finished run = guard("doctor", "pi", "--json").run();
    assertThat(run.exit()).as(run.output() + run.errors()).isEqualTo(1);
    assertThat(statuses(run)).containsEntry("command", "pass").containsEntry("leftovers", "fail");
  }

  @Test
  @EnabledIf(value = "isRoot", disabledReason = "only root surely has a network namespace")
  void anAgentThatIsNotSetUpFails() throws IOException {
    agent("$set_up");
    Finished run = guard("doctor", "pi", "--json").run();
    assertThat(run.exit()).as(run.output() + run.errors()).isEqualTo(1);
    assertThat(statuses(run)).containsEntry("setup", "fail").containsEntry("command", "fail");
  }

  @Test
  void withoutANetworkNamespaceNothingRuns() throws IOException {
    Path programs = Files.createDirectory(home.resolve("programs"));
    GuardProcess.program(programs.resolve("pi"), "#!/bin/sh\n: >" + home + "/ran\n");
    GuardProcess.program(programs.resolve("unshare"), "#!/bin/sh\necho no >&2\nexit 1\n");
    Finished run = guard("doctor", "pi").run();
    assertThat(run.exit()).isEqualTo(125);
    assertThat(run.errors())
        .startsWith("guard: no network namespace with loopback alone can be made here (no); with")
        .hasLineCount(1);
    assertThat(home.resolve("ran")).doesNotExist();

    Finished told = guard("doctor", "pi", "--network", "--json").run();
    assertThat(told.exit()).as(told.errors()).isEqualTo(1);
    assertThat(home.resolve("ran")).exists();
    assertThat(statuses(told)).containsEntry("run", "fail").containsEntry("command", "skipped");
  }

  @Test
  void whatIsWrongInTheCallIsSaid() {
    for (List<String> words :
        List.of(
            List.of("nobody"),
            List.of("pi", "cgroups"),
            List.of("--network"),
            List.of("pi", "--canary"))) {
      Finished run =
          guard(Stream.concat(Stream.of("doctor"), words.stream()).toArray(String[]::new)).run();
      assertThat(run.exit()).as(words.toString()).isEqualTo(125);
      assertThat(run.errors()).startsWith("guard: ").hasLineCount(1);
    }
    Finished none = guard("doctor", "pi", "--network").run();
    assertThat(none.exit()).isEqualTo(125);
    assertThat(none.errors()).isEqualTo("guard: doctor: pi is not in PATH; install it first\n");
  }
}
