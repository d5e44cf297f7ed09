package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What is said of a failure that nobody expected. */
class MessagesTest {
  @Test
  void isOneLineWhateverItIs() {
    assertThat(Messages.of(new IOException("no\nroom\u001b[2J"))).isEqualTo("no?room?[2J");
    assertThat(Messages.of(new IOException())).isEqualTo("java.io.IOException");
    assertThat(Messages.of(new StackOverflowError())).isEqualTo("java.lang.StackOverflowError");
    assertThat(Messages.of(new AssertionError("a\nb"))).isEqualTo("java.lang.AssertionError: a?b");
  }
}
