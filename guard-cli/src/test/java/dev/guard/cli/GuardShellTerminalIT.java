package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Runs an interactive guard-shell. Needs tmux. */
@Needs("tmux")
@Tag("terminal")
class GuardShellTerminalIT {
  @RegisterExtension final Pane pane = new Pane();

  @Test
  void jobControlWorksInside() {
    pane.type("SHELL=/bin/bash PS1='in<$?>' guard-shell --norc --noprofile -i");
    pane.awaitLine("in<0>");
    assertThat(pane.lines()).noneMatch(l -> l.contains("no job control"));
    pane.type("sh -c 'echo run; exec sleep 100'");
    pane.awaitLine("run");
    pane.key("C-z");
    pane.awaitLine("in<148>");
    pane.type("fg");
    // Bash gives it the terminal first.
    pane.awaitNoneStopped();
    pane.key("C-c");
    pane.awaitLine("in<130>");
    pane.type("guard-shell -c 'echo $GUARD_ID/$GUARD_SHELL is-one' | sed -E 's,^(.*)/\\1 ,,'");
    pane.awaitLine("is-one");
    pane.type("suspend");
    pane.awaitPrompt(148);
    pane.type("fg");
    pane.awaitScreen("the inner prompt", l -> l.get(l.size() - 1).startsWith("in<"));
    pane.type("exit 3");
    pane.awaitPrompt(3);
    pane.run("cat <<<on", 0);
  }
}
