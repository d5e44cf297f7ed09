package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Shows that passwords are asked for on the terminal with its echo off, as sudo and ssh do. Needs
 * tmux.
 */
@Needs("tmux")
@Tag("terminal")
class PasswordIT {
  @RegisterExtension final Pane pane = new Pane();

  @ParameterizedTest
  @ValueSource(strings = {"", "</dev/null", "| cat", "</dev/null | cat", "2>&1 </dev/null | cat"})
  void isReadWithoutEcho(String redirection) {
    pane.type(
        "guard exec -- bash -c 'read -rsp \"Password: \" p </dev/tty 2>/dev/tty; echo; echo got:$p' "
            + redirection);
    pane.awaitLine("Password:");
    pane.type("secret");
    pane.awaitPrompt(0);
    assertThat(pane.lines()).contains("got:secret", "Password:").doesNotContain("secret");
    pane.run("stty -a | grep -ow -e '-*echo'", 0);
    assertThat(pane.lines()).contains("echo");
  }
}
