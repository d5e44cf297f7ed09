package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs a shell with job control of its own under guard. Needs tmux. */
@Needs("tmux")
@Tag("terminal")
class InnerShellIT {
  @RegisterExtension final Pane pane = new Pane();

  @ParameterizedTest
  @ValueSource(strings = {"guard exec -- ", "guard exec -- guard exec -- "})
  void jobControlWorksInside(String guard) {
    pane.type(guard + "env PS1='in<$?>' bash --norc --noprofile -i");
    pane.awaitLine("in<0>");
    assertThat(pane.lines()).noneMatch(l -> l.contains("no job control"));
    pane.type("sh -c 'echo run; exec sleep 100'");
    pane.awaitLine("run");
    pane.key("C-z");
    pane.awaitLine("in<148>");
    pane.type("fg");
    pane.awaitLine("sh -c 'echo run; exec sleep 100'");
    pane.key("C-c");
    pane.awaitLine("in<130>");
    pane.type("exit 3");
    pane.awaitPrompt(3);
    pane.run("cat <<<on", 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"guard exec -- ", "guard exec -- guard exec -- "})
  void innerShellSuspends(String guard) {
    pane.type(guard + "env PS1='in<$?>' bash --norc --noprofile -i");
    pane.awaitLine("in<0>");
    pane.type("suspend");
    pane.awaitPrompt(148);
    pane.type("fg");
    pane.awaitScreen("the inner prompt", l -> l.get(l.size() - 1).startsWith("in<"));
    pane.type("exit 4");
    pane.awaitPrompt(4);
  }

  /** The foreground group is one that only the inner shell knew. */
  @ParameterizedTest
  @ValueSource(strings = {"guard exec -- ", "guard exec -- guard exec -- "})
  void innerShellIsKilledWhileItsJobHasTheTerminal(String guard) {
    pane.type(guard + "env PS1='in<$?>' bash --norc --noprofile -i");
    pane.awaitLine("in<0>");
    pane.type("sh -c 'stty -echo; kill -KILL '$$'; sleep 100'");
    pane.awaitPrompt(137);
    pane.run("stty -a | grep -ow -e '-*echo'", 0);
    assertThat(pane.lines()).contains("echo");
  }
}
