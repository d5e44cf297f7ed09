package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows Ctrl-Z, fg and bg, and what the shell says of them. Needs tmux. */
@Needs("tmux")
@Tag("terminal")
class StopAndContinueIT {
  private static final int STOPPED = 148;

  @RegisterExtension final Pane pane = new Pane();

  @ParameterizedTest
  @ValueSource(strings = {"", "</dev/null", "| cat", "</dev/null | cat"})
  void stopAndForeground(String redirection) {
    // A shell that is stopped inside vfork(2), for the next program, has not stopped yet; this one
    // has forked before it says so.
    pane.type("guard exec -- perl -e '$|=1; print qq(run\\n) if fork; sleep 100' " + redirection);
    pane.awaitLine("run");
    for (int i = 0; i < 2; i++) {
      pane.key("C-z");
      pane.awaitPrompt(STOPPED);
      pane.awaitLineStart("[1]+  Stopped ");
      pane.foreground();
    }
    pane.key("C-c");
    pane.awaitPrompt(130);
  }

  @Test
  void continuedCommandReadsTheTerminal() {
    pane.type("guard exec -- sh -c 'echo run; read x; echo got $x'");
    pane.awaitLine("run");
    pane.key("C-z");
    pane.awaitPrompt(STOPPED);
    pane.foreground();
    pane.type("this");
    pane.awaitPrompt(0);
    assertThat(pane.lines()).contains("got this");
  }

  @Test
  void continuedInTheBackground() {
    pane.type("guard exec -- bash -c 'echo run; until [ -e end ]; do sleep 0.05; done; exit 3'");
    pane.awaitLine("run");
    pane.key("C-z");
    pane.awaitPrompt(STOPPED);
    pane.run("bg", 0);
    pane.run("jobs -r | grep -c guard", 0);
    assertThat(pane.lines()).contains("1");
    pane.foreground();
    pane.key("C-z");
    pane.awaitPrompt(STOPPED);
    pane.run("bg; touch end; wait %1", 3);
  }

  @Test
  void everyProcessOfTheCommandIsStopped() {
    pane.type("guard exec -- bash -c 'while :; do echo x >>count; sleep 0.01; done'");
    pane.awaitFile("count");
    pane.key("C-z");
    pane.awaitPrompt(STOPPED);
    pane.run("a=$(wc -l <count); sleep 0.5; test $a = $(wc -l <count)", 0);
  }

  @Test
  void killOfStoppedJob() {
    pane.type("guard exec --report report -- sh -c 'echo run; sleep 100; :'");
    pane.awaitLine("run");
    pane.key("C-z");
    pane.awaitPrompt(STOPPED);
    pane.run("kill %1; until [ -s report ]; do sleep 0.05; done", 0);
    assertThat(pane.file("report")).content().contains("\"signal\":15", "\"survivors\":[]");
  }

  @Test
  void stopByTheCommandItself() {
    pane.run("guard exec -- sh -c 'kill -STOP $$; echo on'", STOPPED);
    pane.run("fg", 0);
    assertThat(pane.lines()).contains("on");
  }

  @Test
  void stopSentToGuard() {
    pane.type("guard exec -- sh -c 'echo x >runs; sleep 100; :' &");
    pane.awaitFile("runs");
    pane.run("kill -TSTP %1", 0);
    pane.awaitReportOfStop();
    pane.run("kill -CONT %1; jobs -r | grep -c guard", 0);
    pane.run("kill %1; wait %1", 143);
  }

  /** The reader goes on after the end of its input, which may come before INT does. */
  @Test
  void theWholePipelineStops() {
    pane.type(
        "bash -c 'while :; do echo x; sleep 0.05; done' | guard exec -- sh -c 'echo run >&2; cat; sleep 100' >out");
    pane.awaitLine("run");
    pane.key("C-z");
    pane.awaitPrompt(STOPPED);
    pane.run("a=$(wc -l <out); sleep 0.3; test $a = $(wc -l <out)", 0);
    pane.foreground();
    pane.key("C-c");
    pane.awaitPrompt(130);
  }

  @Test
  void scriptStopsWithTheCommand() throws IOException {
    Files.writeString(
        pane.file("script"), "guard exec -- sh -c 'echo run; read x; echo got $x'\necho went on\n");
    pane.type("bash script");
    pane.awaitLine("run");
    pane.key("C-z");
    pane.awaitPrompt(STOPPED);
    pane.foreground();
    pane.type("this");
    pane.awaitPrompt(0);
    assertThat(pane.lines()).contains("got this", "went on");
  }

  /** The kernel stops nobody in an orphaned process group, where nobody could continue him. */
  @Test
  void withoutShellAboveNothingStops() {
    pane.type("script -qec \"guard exec -- sh -c 'echo run; read x; echo got \\$x'\" /dev/null");
    pane.awaitLine("run");
    pane.key("C-z");
    pane.type("this");
    pane.awaitPrompt(0);
    assertThat(pane.lines()).anyMatch(l -> l.endsWith("got this"));
  }
}
