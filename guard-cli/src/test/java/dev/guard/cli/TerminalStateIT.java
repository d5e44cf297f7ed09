package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shows that a command leaves the terminal as it would without guard. Needs tmux. */
@Needs("tmux")
@Tag("terminal")
class TerminalStateIT {
  private static final String LOOK = "stty -a | grep -ow -e '-*echo' -e '-*icanon'";

  @RegisterExtension final Pane pane = new Pane();

  /**
   * Types the line into a script: an interactive bash would repair the modes itself, and take the
   * terminal.
   */
  private void script(String line) throws IOException {
    Files.writeString(
        pane.file("script"),
        line + "\nstatus=$?\n" + LOOK + "\nread -r x\necho got:$x\nexit $status\n");
    pane.type("bash script");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '@',
      quoteCharacter = '`',
      value = {
        "guard exec --timeout 1 -- sh -c 'stty raw -echo; sleep 60' @ 124",
        "guard exec -- sh -c 'stty raw -echo; kill -KILL $$' @ 137",
        "guard exec --timeout 1 --kill-after 0.1 -- sh -c 'trap \"\" TERM; stty raw -echo; sleep 60; sleep 60' @ 124",
        "guard exec --timeout 1 -- bash -ic 'stty raw -echo; sleep 60' @ 124"
      })
  void isSaneAfterTheCommandWasEnded(String line, int status) throws IOException {
    script(line);
    pane.awaitLine("echo");
    pane.awaitLine("icanon");
    pane.type("this");
    pane.awaitPrompt(status);
    assertThat(pane.lines()).contains("got:this");
  }

  /** stty under guard must have its effect. */
  @Test
  void staysAsTheCommandLeftItWhenItEndedByItself() throws IOException {
    script("guard exec -- stty -echo");
    pane.awaitLine("-echo");
    pane.type("this");
    pane.awaitPrompt(0);
    assertThat(pane.lines()).contains("got:this").doesNotContain("this");
  }

  @Test
  void comesBackFromGroupWithLeftover() throws IOException {
    script(
        "guard exec --gateway auto --leftovers keep -- sh -c '(trap \"\" HUP TERM; sleep 20) & exit 6'");
    pane.awaitLine("echo");
    pane.type("this");
    pane.awaitPrompt(6);
    assertThat(pane.lines()).contains("got:this");
  }

  @Test
  void comesBackWhenNothingWasRun() throws IOException {
    script("guard exec -- ./none");
    pane.awaitLine("echo");
    pane.type("this");
    pane.awaitPrompt(127);
    assertThat(pane.lines()).contains("got:this");
  }

  @Test
  void isNotNeeded() {
    pane.run("setsid -w guard exec -- sh -c 'cat </dev/tty || echo none; exit 9'", 9);
    assertThat(pane.lines()).contains("none");
  }

  @Test
  void scriptWithoutInterpreterLineHasIt() throws IOException {
    Files.writeString(pane.file("plain"), "echo run; read -r x </dev/tty\necho got:$x\n");
    pane.run("chmod +x plain", 0);
    pane.type("guard exec -- ./plain");
    pane.awaitLine("run");
    pane.type("this");
    pane.awaitPrompt(0);
    assertThat(pane.lines()).contains("got:this");
  }
}
