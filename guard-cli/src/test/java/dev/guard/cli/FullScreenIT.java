package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs programs that take the whole terminal. Needs tmux, vim and less. */
@Needs({"tmux", "vim", "less"})
@Tag("terminal")
class FullScreenIT {
  @RegisterExtension final Pane pane = new Pane();

  @Test
  void editorWritesItsFile() {
    pane.type("guard exec -- vim -u NONE text");
    pane.awaitLineStart("\"text\" [New File]");
    pane.keys("ione");
    pane.key("Escape");
    pane.awaitLine("one");
    pane.type(":wq");
    pane.awaitPrompt(0);
    assertThat(pane.file("text")).hasContent("one\n");
    pane.run("stty -a | grep -ow -e '-*icanon' -e '-*echo'", 0);
    assertThat(pane.lines()).contains("icanon", "echo");
  }

  @Test
  void editorStopsAndGoesOn() {
    pane.type("guard exec -- vim -u NONE text");
    pane.awaitLineStart("\"text\" [New File]");
    pane.keys("ione");
    pane.key("Escape");
    pane.awaitLine("one");
    for (int i = 0; i < 2; i++) {
      pane.key("C-z");
      pane.awaitPrompt(148);
      pane.foreground();
      pane.awaitLine("one");
    }
    pane.keys("Atwo");
    pane.key("Escape");
    pane.type(":wq");
    pane.awaitPrompt(0);
    assertThat(pane.file("text")).hasContent("onetwo\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "guard exec -- less text",
        "cat text | guard exec -- less",
        "guard exec -- cat text | less",
        "guard exec -- cat text | guard exec -- less"
      })
  void pagerScrollsStopsAndQuits(String line) throws IOException {
    Files.writeString(
        pane.file("text"),
        IntStream.rangeClosed(1, 500)
            .mapToObj(i -> "line " + i + "\n")
            .collect(Collectors.joining()));
    pane.type(line);
    pane.awaitLine("line 39");
    pane.keys(" ");
    pane.awaitLine("line 78");
    pane.key("C-z");
    pane.awaitLineStart("[1]+  Stopped ");
    pane.foreground();
    pane.keys(" ");
    pane.awaitLine("line 117");
    pane.keys("q");
    pane.awaitPrompt(0);
  }

  /** A member of guard's own pipeline reads the terminal, as fzf does, and the command does too. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bash -c 'read -rp A? a </dev/tty; echo $a; until [ -e end ]; do sleep 0.05; done'"
            + " | guard exec -- bash -c 'read -r x; read -rp B? y </dev/tty; >end; echo $x-$y'",
        "guard exec -- bash -c 'read -rp A? a </dev/tty; echo $a; until [ -e end ]; do sleep 0.05; done'"
            + " | bash -c 'read -r x; read -rp B? y </dev/tty; >end; echo $x-$y'"
      })
  void bothSidesOfThePipelineReadTheTerminal(String line) {
    pane.type(line);
    pane.awaitLine("A?");
    pane.type("first");
    pane.awaitLine("B?");
    pane.type("second");
    pane.awaitPrompt(0);
    assertThat(pane.lines()).contains("first-second");
  }

  @Test
  void newSizeReachesTheCommand() {
    pane.type(
        "guard exec -- bash -c 'trap \"stty size; exit 7\" WINCH; stty size; while :; do sleep 0.05; done'");
    pane.awaitLine("40 150");
    pane.resize(100, 30);
    pane.awaitPrompt(7);
    assertThat(pane.lines()).contains("30 100");
  }
}
