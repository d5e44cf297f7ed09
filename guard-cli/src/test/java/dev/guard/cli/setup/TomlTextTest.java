package dev.guard.cli.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TomlTextTest {
  private static final List<String> PATH = List.of("t", "set", "K");
  private final TomlText toml = new TomlText();

  /** Newlines are written |, so that a row is one line. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "``                       ; [t]|set.K = 1|",
        "a = 1                    ; a = 1||[t]|set.K = 1|",
        "[t] # why|x = 2|         ; [t] # why|set.K = 1|x = 2|",
        "[t]                      ; [t]|set.K = 1|",
        "[t.set]|x = 2|           ; [t.set]|K = 1|x = 2|",
        "[ \"t\" . set ]|x = 2|   ; [ \"t\" . set ]|K = 1|x = 2|",
        "[t]|set = {}|            ; [t]|set = { K = 1 }|",
        "[t]|set = { x = 2 }|     ; [t]|set = { K = 1, x = 2 }|",
        "t = { set = { x = 2 } }| ; t = { set = { K = 1, x = 2 } }|",
        "t = { x = 2 }|           ; t = { set.K = 1, x = 2 }|",
        "t.x = 2|                 ; t.set.K = 1|t.x = 2|",
        "[t]|set.x = 2|           ; [t]|set.K = 1|set.x = 2|",
        "[t]|set.K = 'a' # b|     ; [t]|set.K = 1 # b|",
        "[t]|set.K = [|  2, # ]|]|y = 3| ; [t]|set.K = 1|y = 3|",
        "s = '''|[t]|'''|         ; s = '''|[t]|'''||[t]|set.K = 1|",
        "[[u]]|a = {b = [{c = 1}]}|[t.set] ; [[u]]|a = {b = [{c = 1}]}|[t.set]|K = 1|",
        "d = 1979-05-27 07:32:00 # d|[t]| ; d = 1979-05-27 07:32:00 # d|[t]|set.K = 1|",
      })
  void aValueIsPutInWhereverItsTableIs(String before, String after) throws Exception {
    assertThat(toml.put(lines(before), PATH, "1")).isEqualTo(lines(after));
    assertThat(toml.get(lines(after), PATH)).contains("1");
    assertThat(toml.values(lines(after)).get(PATH)).isEqualTo("Long 1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "[t]|set.K = 1|x = 2|        ; [t]|x = 2|",
        "[t]|set = { K = 1, x = 2 }| ; [t]|set = { x = 2 }|",
        "[t]|set = { x = 2, K = 1 }| ; [t]|set = { x = 2 }|",
        "[t]|set = { K = 1 }|        ; [t]|set = {}|",
        "[t.set]|K = [|1,|]|x = 2    ; [t.set]|x = 2",
      })
  void whatIsTakenOutLeavesTheRest(String before, String after) throws Exception {
    assertThat(toml.remove(lines(before), PATH)).isEqualTo(lines(after));
    toml.values(lines(after));
  }

  @Test
  void whatIsNoTomlIsRefusedWithItsLine() {
    assertThatThrownBy(() -> toml.values("a = 1\nb =\n"))
        .isInstanceOfSatisfying(SyntaxException.class, e -> assertThat(e.line()).isEqualTo(2))
        .hasMessageStartingWith("it is no valid TOML: ");
  }

  private static String lines(String row) {
    return row.replace('|', '\n');
  }
}
