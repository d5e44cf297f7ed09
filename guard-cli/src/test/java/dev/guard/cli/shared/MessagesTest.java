package dev.guard.cli.shared;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Shows that any name reaches a terminal as one line that it does not obey. */
class MessagesTest {
  private static final String NAME = "x\u001b]0;y\u0007\n\u009b31m\u2028\u202ez\r";

  @Test
  void aMessageIsOneLineThatNoTerminalObeys() {
    PrintStream before = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      Messages.print("process 7 (" + NAME + ") could not be ended; é is what it was");
    } finally {
      System.setErr(before);
    }
    assertThat(said.toString(StandardCharsets.UTF_8))
        .isEqualTo("guard: process 7 (x?]0;y???31m??z?) could not be ended; é is what it was\n");
  }

  @Test
  void aCellOfATableIsOneLineToo() {
    assertThat(Texts.table(List.of(List.of("A", "B"), List.of(NAME, NAME))))
        .isEqualTo(
            "A                B\nx?]0;y???31m??z?  x?]0;y???31m??z?\n"
                .replace("A                B", "A" + " ".repeat(17) + "B"));
  }

  @Test
  void aFailureIsOneLineWhateverItIs() {
    assertThat(Messages.of(new IOException("no\nroom\u001b[2J"))).isEqualTo("no?room?[2J");
    assertThat(Messages.of(new IOException())).isEqualTo("java.io.IOException");
    assertThat(Messages.of(new StackOverflowError())).isEqualTo("java.lang.StackOverflowError");
    assertThat(Messages.of(new AssertionError("a\nb"))).isEqualTo("java.lang.AssertionError: a?b");
  }
}
