package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.cli.exec.ExecOption;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks the script of {@code guard completion}. Two tests need bash. */
class CompletionTest {
  @Test
  void knowsEveryOptionOfExec() {
    assertThat(ExecOption.ALL).allSatisfy(o -> assertThat(script()).contains(o.name()));
  }

  @Needs("bash")
  @Test
  void isValidBash(@TempDir Path folder) throws Exception {
    assertThat(bash(folder, "-n", "")).isEmpty();
  }

  @Needs("bash")
  @Test
  void completesAnOption(@TempDir Path folder) throws Exception {
    String ask =
        "compopt() { :; }; COMP_WORDS=(guard exec --pre); COMP_CWORD=2; _complete_guard; echo \"$COMPREPLY\"";

    assertThat(bash(folder, "-e", ask)).isEqualTo("--preserve-status\n");
  }

  private static String bash(Path folder, String option, String afterwards) throws IOException {
    Path file = Files.writeString(folder.resolve("script"), script() + "\n" + afterwards + "\n");
    Process bash =
        new ProcessBuilder("/bin/bash", option, file.toString()).redirectErrorStream(true).start();
    return new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static String script() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      assertThat(TestCommandLine.guard().execute("completion")).isZero();
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
