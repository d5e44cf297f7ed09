package dev.guard.cli;

import static dev.guard.cli.GuardProcess.quoted;
import static dev.guard.cli.SessionCalls.id;
import static dev.guard.cli.SessionCalls.lines;
import static dev.guard.cli.SessionCalls.listed;
import static dev.guard.cli.SessionCalls.start;
import static dev.guard.cli.SessionCalls.starting;
import static dev.guard.cli.SessionCalls.state;
import static dev.guard.cli.SessionCalls.tmux;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Calls {@code guard session} where no service manager runs, on real tmux servers. */
@ExtendWith(NothingLeft.class)
@Needs("tmux")
class SessionIT {
  private static final String LIMITS = "(ulimit -Sn; ulimit -Hn) >";

  @RegisterExtension final SessionCalls calls = new SessionCalls();
  @RegisterExtension final Detached.Removed removed = new Detached.Removed();
  @TempDir Path directory;

  private Path file(String name) {
    return directory.resolve(name);
  }

  // ---- to start, to see and to stop

  @Test
  void itIsACommandLikeAnyOther() {
    String name = calls.name();
    String id = start(name, "--pids-max=77", "--", "sleep", "300");
    JsonObject session = listed(name).orElseThrow();
    assertThat(session.get("id").getAsString()).isEqualTo(id);
    assertThat(session.get("state").getAsString()).isEqualTo("running");
    assertThat(session.get("server").getAsString()).isEqualTo("own");
    assertThat(session.get("budget").getAsString()).isEqualTo("session-" + name);
    JsonObject shown = Detached.shown(id).orElseThrow();
    assertThat(shown.get("name").getAsString()).isEqualTo(name);
    assertThat(shown.get("deadline").isJsonNull()).as("a session has no timeout").isTrue();
    assertThat(session.getAsJsonArray("layers").toString()).contains("\"limit\":\"77\"");
    assertThat(GuardProcess.of("session", "stop", name).run().exit()).isZero();
    assertThat(state(name)).isEqualTo("none");
    Detached.assertGone(id);
    assertThat(GuardProcess.of("wait", id).run().exit()).as("its guard has told").isEqualTo(143);
    assertThat(GuardProcess.of("session", "stop", name).run().exit()).as("again").isZero();
  }

  @Test
  void stopGivesItsCommandItsOwnGrace() {
    String handles = "trap 'exit 9' TERM; echo >$0; while :; do sleep 0.1; done";
    for (String grace : List.of("0", "60")) {
      String name = calls.name();
      String ready = file("ready-" + grace).toString();
      String id = start(name, "--kill-after=" + grace, "--", "sh", "-c", handles, ready);
      lines(Path.of(ready), 1);
      String other = grace.equals("0") ? "60" : "0";
      Finished f = GuardProcess.of("session", "stop", name).with("GUARD_KILL_AFTER", other).run();
      assertThat(f.exit()).as(f.errors()).isZero();
      assertThat(GuardProcess.of("wait", id).run().exit()).isEqualTo(grace.equals("0") ? 137 : 9);
    }
  }

  @Test
  void itEndsWithItsCommand() {
    String name = calls.name();
    String id = start(name, "--", "sh", "-c", "exit 7");
    assertThat(GuardProcess.of("wait", id).run().exit()).isEqualTo(7);
    Polling.until("it has gone", () -> state(name).equals("none"));
  }

  @Test
  void twentyShortOnesLeaveNothing() {
    for (int i = 0; i < 20; i++) {
      String name = calls.name();
      start(name, "--", "true");
      Polling.until(
          name + " has gone",
          () -> !Files.exists(SessionCalls.socket(name)) || state(name).equals("none"));
    }
  }

  @Test
  void guardStopEndsItToo() {
    String name = calls.name();
    String id = start(name, "--", "sleep", "300");
    assertThat(GuardProcess.of("stop", "--grace=0", name).run().exit()).isZero();
    Detached.assertGone(id);
    Polling.until("it has gone", () -> state(name).equals("none"));
  }

  @Test
  void whoseGuardIsKilledIsGoneToo() {
    String name = calls.name();
    String id = start(name, "--", "sleep", "300");
    Detached.kill(Store.pid(id, "guard"));
    Polling.until("it has gone", () -> state(name).equals("none"));
    Polling.until(
        "its command has", () -> MachineRemains.processesWith("GUARD_ID=" + id).isEmpty());
  }

  @Test
  void whatItRunsByGuardExecIsShownBelowIt() {
    String name = calls.name();
    String id =
        start(
            name,
            "--",
            "sh",
            "-c",
            quoted(GuardProcess.GUARD.toString()) + " exec -- sleep 300; :");
    Polling.until("both live", () -> Detached.shown().stream().anyMatch(c -> isInside(c, id)));
    JsonObject inner =
        Detached.shown().stream().filter(c -> isInside(c, id)).findFirst().orElseThrow();
    assertThat(inner.get("budget").getAsString()).isEqualTo("session-" + name);
    List<String> shown = Detached.guard("ps").lines();
    int at = shown.indexOf(shown.stream().filter(l -> l.startsWith(id)).findFirst().orElseThrow());
    assertThat(shown.get(at + 1))
        .startsWith(inner.get("id").getAsString())
        .endsWith("\\_ sleep 300");
    GuardProcess.of("session", "stop", "--grace=1", name).run();
    Detached.assertGone(inner.get("id").getAsString());
  }

  private static boolean isInside(JsonObject command, String outer) {
    return command.has("outer")
        && !command.get("outer").isJsonNull()
        && command.get("outer").getAsString().equals(outer);
  }

  // ---- what is refused

  @Test
  void whatIsWrongIsSaidAndNothingIsStarted() {
    Finished f = starting("a b", "--open-files=x", "--directory=/nowhere", "--", "true").run();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors())
        .contains("session name: a b must be", "--directory: realpath /nowhere")
        .doesNotContain("scope");
    f = starting(calls.name(), "--open-files=x", "--verbose", "--", "true").run();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors())
        .contains("--open-files: must be", "--verbose: unknown option of guard session start");
    assertThat(GuardProcess.of("session", "start", "x").run().errors())
        .isEqualTo(
            "guard: session start: no name or no command given; write guard session start NAME"
                + " [OPTION]... -- COMMAND [ARGUMENT]...\n");
  }

  @Test
  void aProgramThatIsNotThereAndAFullBudgetAreAsForGuardExec() {
    Finished f = starting(calls.name(), "--", "no-such-program").run();
    assertThat(f.exit()).isEqualTo(127);
    assertThat(f.errors()).contains("guard: no-such-program: command not found\n");
    String name = calls.name();
    start(name, "--", "sleep", "300");
    f = starting(calls.name(), "--budget=session-" + name, "--max-processes=1", "--", "true").run();
    assertThat(f.exit()).isEqualTo(75);
    assertThat(f.errors()).contains("guard: Process limit reached (1/1 active processes)\n");
  }

  @Test
  void aSecondOneOfItsNameIsRefused() {
    String name = calls.name();
    String id = start(name, "--", "sleep", "300");
    Finished f = starting(name, "--shared-server", "--", "true").run();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors()).contains("session " + name + " is there already");
    assertThat(listed(name).orElseThrow().get("id").getAsString()).isEqualTo(id);
  }

  @Test
  void aCeilingForTimeoutsBindsItAndSaysHow() throws Exception {
    Path ceiling = Files.writeString(file("config.toml"), "[ceiling]\ntimeout_seconds = 60\n");
    Finished f = starting(calls.name(), "--config=" + ceiling, "--", "true").run();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors()).contains("a session has no timeout unless told", "--timeout SECONDS");
    String name = calls.name();
    String id = start(name, "--config=" + ceiling, "--timeout=50", "--", "sleep", "300");
    assertThat(Detached.shown(id).orElseThrow().get("deadline").isJsonNull()).isFalse();
  }

  @Test
  void withoutTmuxThereIsNone() {
    Finished f =
        starting(calls.name(), "--", "true")
            .with("PATH", directory.toString())
            .with("JAVA_HOME", System.getProperty("java.home"))
            .run();
    assertThat(f.exit()).isEqualTo(125);
  }

  @Test
  void aNameLeadsToNoOtherFile() throws Exception {
    Path json = Files.writeString(file("settings.json"), "{}");
    Path lock = Files.writeString(file("settings.lock"), "");
    for (String command : List.of("status", "attach", "stop")) {
      Finished f = GuardProcess.of("session", command, file("settings").toString()).run();
      assertThat(f.exit()).as(command).isEqualTo(125);
      assertThat(f.errors()).contains("no session " + file("settings") + " is there");
    }
    assertThat(json).exists();
    assertThat(lock).exists();
  }

  @Test
  void aCommandThatIsNoSessionIsNotSaidToBeStopped() {
    String id = Detached.start("--", "sleep", "300").id();
    Finished f = GuardProcess.of("session", "stop", id).run();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors())
        .isEqualTo(
            "guard: " + id + " is a command and no session; guard stop " + id + " ends it\n");
    assertThat(GuardProcess.of("stop", "--grace=0", id).run().exit()).isZero();
  }

  // ---- what it gets

  @Test
  void everyByteOfItsWordsArrives() {
    String name = calls.name();
    String odd = "it's \"$HOME\" `date` \\ #{x} ;\n\t\u00ff\u0001 *";
    Finished f =
        GuardProcess.script(
                "long=$(head -c 100000 /dev/zero | tr '\\0' x)\n"
                    + "\"$GUARD\" session start "
                    + name
                    + " -- sh -c 'printf \"%s\\0\" \"$@\" >words.new; mv words.new words' "
                    + "sh "
                    + quoted(odd)
                    + " '' \"$long\"")
            .in(directory)
            .run();
    id(f);
    Polling.until("it has written them", () -> Files.exists(file("words")));
    assertThat(MachineRemains.text(file("words")))
        .isEqualTo(odd + "\0\0" + "x".repeat(100_000) + "\0");
  }

  @Test
  void itsEnvironmentIsThatOfWhoStartedItAlsoOnASharedServer() {
    for (String value : List.of("first", "second")) {
      String name = calls.name();
      Finished f =
          starting(name, "--shared-server", "--", "sh", "-c", "env >" + value + "; sleep 300")
              .with("ONLY_MINE", value)
              .in(directory)
              .run();
      id(f);
      Polling.until(
          "it is there", () -> MachineRemains.text(file(value)).contains("ONLY_MINE=" + value));
      assertThat(MachineRemains.text(file(value)))
          .contains("GUARD_BUDGET=session-" + name, "TMUX=", "TERM=")
          .doesNotContain("_guard_environ");
    }
  }

  @Test
  void onASharedServerEachHasItsOwnCapAlsoInAGrandchild() {
    String tight = calls.name();
    String wide = calls.name();
    String script =
        LIMITS + "$0; setsid sh -c '(sh -c \"(ulimit -Sn; ulimit -Hn) >>$0\")' $0; sleep 300";
    start(
        tight,
        "--shared-server",
        "--open-files=256",
        "--",
        "sh",
        "-c",
        script,
        file("a").toString());
    start(
        wide,
        "--shared-server",
        "--open-files=512",
        "--",
        "sh",
        "-c",
        script,
        file("b").toString());
    assertThat(lines(file("a"), 4)).containsExactly("256", "256", "256", "256");
    assertThat(lines(file("b"), 4)).containsExactly("512", "512", "512", "512");
    assertThat(listed(tight).orElseThrow().get("server").getAsString()).isEqualTo("shared");
    GuardProcess.of("session", "stop", "--grace=0", tight).run();
    assertThat(state(wide)).as("the other one lives").isEqualTo("running");
  }

  @Test
  void onASharedServerWindowsOfTheSameNameAreNotTaken() {
    String first = calls.name();
    String second = calls.name();
    start(first, "--shared-server", "--", "sleep", "300");
    String id = start(second, "--shared-server", "--", "sleep", "300");
    // tmux names a window after what runs in it; this one is called as the other session.
    tmux(".shared", "rename-window", "-t", "=" + second + ":", first);
    assertThat(state(first)).isEqualTo("running");
    assertThat(GuardProcess.of("session", "stop", "--grace=0", first).run().exit()).isZero();
    assertThat(state(first)).isEqualTo("none");
    assertThat(listed(second).orElseThrow().get("id").getAsString()).isEqualTo(id);
    assertThat(state(second)).isEqualTo("running");
  }

  @Test
  void onASharedServerASessionThatIsNotGuardsIsLeftAlone() {
    String name = calls.name();
    String foreign = name + "-foreign";
    start(name, "--shared-server", "--", "sleep", "300");
    tmux(".shared", "new-session", "-d", "-s", foreign, "sleep", "301");
    Finished f = starting(foreign, "--shared-server", "--", "true").run();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors()).contains("has a session " + foreign + " that guard did not start");
    tmux(".shared", "kill-session", "-t", "=" + foreign);
  }

  @Test
  void fromInsideACommandASharedServerIsNotJoined() {
    String name = calls.name();
    start(name, "--shared-server", "--", "sleep", "300");
    String guard = GuardProcess.GUARD.toString();
    Finished f =
        GuardProcess.exec(
                "--", guard, "session", "start", calls.name(), "--shared-server", "--", "true")
            .run();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors()).contains("would be rid of; leave out --shared-server");
  }

  @Test
  void startedAtOnceOnASharedServerAllAreOnOne() throws Exception {
    for (int round = 0; round < 3; round++) {
      List<String> names = List.of(calls.name(), calls.name(), calls.name(), calls.name());
      Parallel.map(names, name -> start(name, "--shared-server", "--", "sleep", "300"));
      for (String name : names) {
        assertThat(state(name)).isEqualTo("running");
        assertThat(tmux(".shared", "list-panes", "-s", "-t", "=" + name + ":")).isNotEmpty();
        // The server ends with the last one, so that the next round starts one again.
        assertThat(GuardProcess.of("session", "stop", name).run().exit()).isZero();
      }
    }
  }

  @Test
  void withoutACapItHasWhatIsInherited() {
    String name = calls.name();
    GuardProcess call =
        starting(name, "--open-files=0", "--", "sh", "-c", LIMITS + "limits; sleep 300")
            .through("prlimit", "--nofile=1000:2000")
            .in(directory);
    id(call.run());
    assertThat(lines(file("limits"), 2)).containsExactly("1000", "2000");
  }

  @Test
  void aNewWindowIsACommandInsideTheSameLimits() {
    String name = calls.name();
    start(name, "--open-files=300", "--pids-max=99", "--", "sleep", "300");
    tmux(name, "new-window", "-t", "=" + name + ":");
    Polling.until(
        "the second window has a command",
        () -> listed(name).orElseThrow().getAsJsonArray("windows").size() == 1);
    tmux(name, "send-keys", "-t", "=" + name + ":", LIMITS + file("limits"), "Enter");
    assertThat(lines(file("limits"), 2)).containsExactly("300", "300");
    String shell = listed(name).orElseThrow().getAsJsonArray("windows").get(0).getAsString();
    assertThat(Detached.shown(shell).orElseThrow().getAsJsonArray("layers").toString())
        .contains("\"limit\":\"99\"");
    assertThat(GuardProcess.of("stop", "--grace=0", name).run().exit()).isZero();
    Polling.until("only the shell is left", () -> state(name).equals("left"));
    assertThat(GuardProcess.of("session", "stop", "--grace=0", name).run().exit()).isZero();
    Detached.assertGone(shell);
  }

  @Test
  void theUsersOwnSettingsOfTmuxDoNotEndItNorOpenOthers() throws Exception {
    Files.writeString(
        file(".tmux.conf"),
        "set -g destroy-unattached on\nset -s exit-unattached on\nset -g remain-on-exit on\n"
            + "set -g status-left mine\nnew-session -d -s other\n");
    String name = calls.name();
    id(starting(name, "--", "sleep", "300").with("HOME", directory.toString()).run());
    assertThat(tmux(name, "list-sessions", "-F", "#{session_name}")).isEqualTo(name);
    assertThat(tmux(name, "show-options", "-gv", "status-left")).isEqualTo("mine");
    assertThat(state(name)).isEqualTo("running");
  }

  // ---- tmux that fails

  @Test
  void aServerThatIsStoppedHoldsUpNobody() {
    String silent = calls.name();
    String other = calls.name();
    String id = start(silent, "--", "sleep", "300");
    start(other, "--", "sleep", "300");
    String server = SessionCalls.serverOf(silent);
    Signal.send("STOP", server);
    try {
      assertThat(state(silent)).isEqualTo("silent");
      assertThat(state(other)).isEqualTo("running");
      Finished f = GuardProcess.of("session", "stop", "--grace=0", silent).run();
      assertThat(f.exit()).as("without a scope there is nothing to end it by").isEqualTo(125);
      assertThat(f.errors()).contains("does not answer");
      Detached.assertGone(id);
    } finally {
      Signal.send("CONT", server);
    }
    assertThat(GuardProcess.of("session", "stop", silent).run().exit()).isZero();
  }

  @Test
  void aServerThatWasKilledLeavesNothingInTheWay() {
    String name = calls.name();
    start(name, "--", "sleep", "300");
    Signal.send("KILL", SessionCalls.serverOf(name));
    Polling.until("it has gone", () -> state(name).equals("none"));
    start(name, "--", "sleep", "300");
  }

  @Test
  void aCommandThatIgnoresHangupsEndsWithItsTerminal() {
    String name = calls.name();
    String id =
        start(
            name,
            "--kill-after=0.2",
            "--",
            "sh",
            "-c",
            "trap '' HUP TERM; while :; do sleep 1; done");
    Signal.send("KILL", SessionCalls.serverOf(name));
    Polling.until("it has ended", () -> MachineRemains.processesWith("GUARD_ID=" + id).isEmpty());
    Polling.until("its guard too", () -> Store.recordFile(id).isEmpty());
    assertThat(state(name)).isEqualTo("none");
  }

  @Test
  void manyLooksAtAServerThatIsStoppedDoNotFillItsQueue() throws Exception {
    String name = calls.name();
    start(name, "--", "sleep", "300");
    String server = SessionCalls.serverOf(name);
    Signal.send("STOP", server);
    List<SocketChannel> queue = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        SocketChannel caller = SocketChannel.open(StandardProtocolFamily.UNIX);
        queue.add(caller);
        caller.configureBlocking(false);
        try {
          caller.connect(UnixDomainSocketAddress.of(SessionCalls.socket(name)));
        } catch (SocketException e) {
          assertThat(i).as("the queue is full").isPositive();
        }
      }
      assertThat(state(name)).isEqualTo("silent");
    } finally {
      Signal.send("CONT", server);
      for (SocketChannel caller : queue) {
        caller.close();
      }
    }
  }

  @Test
  void insideACommandItHasNoScopeAndSaysSo() {
    String name = calls.name();
    Finished f =
        GuardProcess.exec(
                "--", GuardProcess.GUARD.toString(), "session", "start", name, "--", "sleep", "300")
            .run();
    assertThat(f.errors())
        .matches(
            "(?s)guard: session "
                + name
                + " has no scope of its own \\(.*\\): it will die with .*");
    Polling.until("it has ended with the command", () -> state(name).equals("none"));
  }

  @Test
  void theFilesOfASessionAreTheUsersAlone() throws Exception {
    String name = calls.name();
    start(name, "--", "sleep", "300");
    Path spec = SessionCalls.socket(name).resolveSibling(name + ".json");
    assertThat(new String(Files.readAllBytes(spec), StandardCharsets.UTF_8))
        .contains("\"environment\"");
    assertThat((int) Files.getAttribute(spec.getParent(), "unix:mode") & 077).isZero();
  }
}
