package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows that guard in the background leaves the terminal to the shell. Needs tmux. */
@Needs("tmux")
@Tag("terminal")
class BackgroundIT {
  @RegisterExtension final Pane pane = new Pane();

  @ParameterizedTest
  @ValueSource(strings = {"read x; echo got:$x >out", "read x </dev/tty; echo got:$x >out"})
  void readerIsStoppedUntilForeground(String script) {
    pane.type("guard exec -- sh -c '" + script + "' &");
    pane.awaitReportOfStop();
    pane.foreground();
    pane.type("this");
    pane.awaitPrompt(0);
    assertThat(pane.file("out")).hasContent("got:this\n");
    // The line is on the screen because the terminal echoed it: the modes are not the line
    // editor's, which were in force when the command was stopped.
    assertThat(pane.lines()).contains("this");
  }

  @Test
  void doesNotStealTheTerminal() {
    pane.type("guard exec -- bash -c 'echo x >runs; until [ -e end ]; do sleep 0.05; done' &");
    pane.awaitFile("runs");
    pane.type("read -p A? y; echo got:$y");
    pane.awaitLine("A?");
    pane.type("this");
    pane.awaitLine("got:this");
    pane.run("touch end; wait %1", 0);
    pane.run("cat <<<on", 0);
  }

  /** The shell gave the terminal to itself when guard was stopped; the command had it before. */
  @Test
  void endInTheBackgroundLeavesTheTerminalToTheShell() {
    pane.run(
        "guard exec --report report -- bash -c 'kill -STOP $PPID; until [ -e end ]; do sleep 0.05; done; exit 5'",
        147);
    // The shell itself looks while it waits for nobody: else it would take the terminal again.
    pane.run(
        "bg; >end; until [ -s report ]; do :; done; read -a stat </proc/$$/stat; echo in front: $((stat[7] == $$))",
        0);
    assertThat(pane.lines()).contains("in front: 1");
    pane.type("read -p A? x; echo got:$x");
    pane.awaitLine("A?");
    pane.type("this");
    pane.awaitLine("got:this");
  }

  @Test
  void runningJobThatComesToTheForegroundReads() {
    pane.type(
        "guard exec -- bash -c 'echo x >runs; until [ -e go ]; do sleep 0.05; done; read x; echo got:$x' &");
    pane.awaitFile("runs");
    pane.foreground();
    pane.key("C-z");
    pane.awaitPrompt(148);
    pane.run("bg; touch go", 0);
    pane.awaitReportOfStop();
    pane.foreground();
    pane.type("this");
    pane.awaitPrompt(0);
    assertThat(pane.lines()).contains("got:this");
  }
}
