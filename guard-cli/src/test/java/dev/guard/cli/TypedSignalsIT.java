package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows that Ctrl-C and Ctrl-\ end what they would end without guard. Needs tmux. */
@Needs("tmux")
@Tag("terminal")
class TypedSignalsIT {
  @RegisterExtension final Pane pane = new Pane();

  @ParameterizedTest
  @ValueSource(strings = {"", "</dev/null", "| cat", "</dev/null | cat"})
  void interruptEndsTheCommand(String redirection) {
    pane.type("set -o pipefail");
    pane.type("guard exec -- sh -c 'echo run >&2; exec sleep 100' " + redirection);
    pane.awaitLine("run");
    pane.key("C-c");
    pane.awaitPrompt(130);
  }

  @Test
  void interruptStopsWholeLoop() {
    pane.type("for i in 1 2 3; do guard exec -- sh -c \"echo run $i; exec sleep 100\"; done");
    pane.awaitLine("run 1");
    pane.key("C-c");
    pane.awaitPrompt(130);
    assertThat(pane.lines()).doesNotContain("run 2");
  }

  @Test
  void interruptStopsLoopOfShortCommands() {
    pane.type("while :; do guard exec -- true; echo x >>count; done");
    pane.awaitFile("count");
    pane.key("C-c");
    pane.awaitPrompt(130);
  }

  /**
   * Guard gets what is typed, too, and must not pass it on once more. The command stops it
   * meanwhile, so that both would not come at the same moment, and asks for another signal after
   * that.
   */
  @Test
  void inTheForegroundTheCommandGetsWhatIsTypedOnce() throws IOException {
    Files.writeString(
        pane.file("counts"),
        "$| = 1; $SIG{USR1} = sub { $over = 1 };\n"
            + "$SIG{INT} = sub { $n++; kill 'CONT', getppid; kill 'USR1', getppid };\n"
            + "kill 'STOP', getppid; print qq(run\\n);\n"
            + "while (1) { sleep 1; if ($over) { print qq(\\ngot $n\\n); exit 4 } }");
    pane.type("sh -c 'trap : INT; guard exec --foreground -- perl counts; exit $?'");
    pane.awaitLine("run");
    pane.key("C-c");
    pane.awaitPrompt(4);
    assertThat(pane.lines()).contains("got 1");
  }

  @Test
  void quitEndsTheCommandAndDumpsNoThreads() {
    pane.type("guard exec -- sh -c 'echo run; exec sleep 100'");
    pane.awaitLine("run");
    pane.key("C-\\");
    pane.awaitPrompt(131);
    assertThat(pane.lines()).noneMatch(l -> l.contains("Full thread dump"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "dash"})
  void interruptEndsScript(String shell) throws IOException {
    Files.writeString(
        pane.file("script"), "guard exec -- sh -c 'echo run; exec sleep 100'\necho went on\n");
    pane.type(shell + " script");
    pane.awaitLine("run");
    pane.key("C-c");
    pane.awaitPrompt(130);
    assertThat(pane.lines()).doesNotContain("went on");
  }

  /** Background jobs of a script ignore INT, under guard as without it; the script itself ends. */
  @Test
  void interruptEndsScriptThatWaitsForJobs() throws IOException {
    Files.writeString(
        pane.file("script"),
        "for i in 1 2; do guard exec -- sh -c \"echo run $i; until [ -e go ]; do sleep 0.1; done;"
            + " echo x >ended$i\" & done\nwait\n");
    pane.type("bash script");
    pane.awaitLine("run 1");
    pane.awaitLine("run 2");
    pane.key("C-c");
    pane.awaitPrompt(130);
    Files.writeString(pane.file("go"), "");
    pane.awaitFile("ended1");
    pane.awaitFile("ended2");
  }

  @Test
  void interruptEndsTheOthersOfThePipeline() {
    pane.type("sleep 100 | guard exec -- sh -c 'echo run; exec sleep 100 </dev/tty'");
    pane.awaitLine("run");
    pane.key("C-c");
    pane.awaitPrompt(130);
  }

  @Test
  void commandThatHandlesInterruptGoesOn() {
    pane.type("guard exec -- bash -c 'trap \"echo got it\" INT; echo run; sleep 100; echo on'");
    pane.awaitLine("run");
    pane.key("C-c");
    pane.awaitPrompt(0);
    assertThat(pane.lines()).contains("on").anyMatch(l -> l.endsWith("got it"));
  }

  @Test
  void killOfTheCommandAloneIsNotTyped() throws IOException {
    Files.writeString(
        pane.file("script"), "guard exec -- sh -c 'kill -TERM $$'\necho went on $?\n");
    pane.run("bash script", 0);
    assertThat(pane.lines()).contains("went on 143");
  }

  @Test
  void closedTerminalEndsTheCommand() throws IOException {
    pane.type("guard exec --report report -- sh -c 'echo run; exec sleep 100'");
    pane.awaitLine("run");
    pane.hangUp();
    pane.awaitFile("report");
    assertThat(pane.file("report")).content().contains("\"signal\":1", "\"cause\":\"signalled\"");
  }
}
