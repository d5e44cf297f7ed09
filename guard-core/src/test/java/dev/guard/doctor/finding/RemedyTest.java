package dev.guard.doctor.finding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scripts do what they say whatever the names in them are. */
class RemedyTest {
  @TempDir private Path directory;

  private static String run(String script) throws Exception {
    Process sh = new ProcessBuilder("sh", "-e", "-c", script).redirectErrorStream(true).start();
    String said = new String(sh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(sh.waitFor()).as(said).isZero();
    return said;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "a b",
        "a'b",
        "$(touch x)",
        "`id`",
        "a\\x2db",
        "*",
        "-n",
        "\"",
        "%s%n",
        "a;b",
        "~"
      })
  void aWordIsOneWord(String word) throws Exception {
    assertThat(run("printf %s " + Remedy.quoted(word))).isEqualTo(word);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[Service]\nKillMode=mixed\n", "100%\n", "a\\x2db\\n\n", "it's $HOME\n"})
  void aFileHasItsText(String text) throws Exception {
    Path file = directory.resolve("a 'b.d/c.conf");
    run(Remedy.write(file.toString(), text));
    assertThat(Files.readString(file)).isEqualTo(text);
  }

  @Test
  void alsoWithSpacesBeforeEachLineAsItIsPrinted() throws Exception {
    Path file = directory.resolve("x/y");
    run(Remedy.write(file.toString(), "one\ntwo\n").replaceAll("(?m)^", "            "));
    assertThat(Files.readString(file)).isEqualTo("one\ntwo\n");
  }

  @Test
  void whatIsWrongHasARemedy() {
    for (Finding.Verdict status : List.of(Finding.Verdict.CAUTION, Finding.Verdict.FAIL)) {
      assertThatThrownBy(
              () ->
                  new Finding(
                      Check.LINGER, "", status, "", List.of(), Optional.empty(), Optional.empty()))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aCheckWhoseScriptsNoTestRunsGivesNone() {
    assertThatThrownBy(
            () -> Finding.fail(Check.ZOMBIES, "", "", new Remedy.Script(true, "kill 1\n")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** A line {@code remedy CHECK} in a suite of the guest runs the script, and looks again. */
  @ParameterizedTest
  @org.junit.jupiter.params.provider.EnumSource(Check.class)
  void everyScriptIsRunInATest(Check check) throws IOException {
    // The suite of the namespaces comes with their checks.
    if (!check.isScripted() || check.area() == Area.NAMESPACES) {
      return;
    }
    String suite = Files.readString(Path.of("../.ci/guest/suite-doctor.sh"));
    assertThat(suite.lines()).anyMatch(l -> l.matches("remedy " + check.text() + "( .*)?"));
  }
}
