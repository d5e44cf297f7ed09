package dev.guard.cli.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTextTest {
  private static final List<String> PATH = List.of("env", "SHELL");
  private final JsonText json = new JsonText();

  /** Newlines are written |, so that a row is one line. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "``                              ; {|  \"env\": {|    \"SHELL\": 1|  }|}|",
        "{}                              ; {|  \"env\": {|    \"SHELL\": 1|  }|}",
        "{ }|                            ; {|  \"env\": {|    \"SHELL\": 1|  }|}|",
        "{|}|                            ; {|  \"env\": {|    \"SHELL\": 1|  }|}|",
        "{\"a\": 2}                      ; {\"env\": {\"SHELL\": 1}, \"a\": 2}",
        "{ \"a\": 2 }|                   ; { \"env\": {\"SHELL\": 1}, \"a\": 2 }|",
        "{|    \"a\": 2|}|               ; {|    \"env\": {|        \"SHELL\": 1|    },|    \"a\": 2|}|",
        "{|\t\"a\": 2|}|                 ; {|\t\"env\": {|\t\t\"SHELL\": 1|\t},|\t\"a\": 2|}|",
        "{|  // why|  \"a\": 2,|}|       ; {|  \"env\": {|    \"SHELL\": 1|  },|  // why|  \"a\": 2,|}|",
        "{|  \"env\": {|    \"A\": 2|  }|}| ; {|  \"env\": {|    \"SHELL\": 1,|    \"A\": 2|  }|}|",
        "{|  \"env\": {}|}|              ; {|  \"env\": {|    \"SHELL\": 1|  }|}|",
        "{|  \"env\": {\"A\": 2}|}|      ; {|  \"env\": {\"SHELL\": 1, \"A\": 2}|}|",
        "{|  \"env\": {\"SHELL\": \"x\"} // c|}| ; {|  \"env\": {\"SHELL\": 1} // c|}|",
        "{\"env\": {\"SHELL\": 7}, \"env\": {\"SHELL\": 8}} ; {\"env\": {\"SHELL\": 7}, \"env\": {\"SHELL\": 1}}",
      })
  void aValueIsPutInWithTheFormOfWhatIsThere(String before, String after) throws Exception {
    assertThat(json.put(lines(before), PATH, "1")).isEqualTo(lines(after));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "{|  \"env\": {|    \"SHELL\": 1,|    \"A\": 2|  }|}|  ; {|  \"env\": {|    \"A\": 2|  }|}|",
        "{|  \"env\": {|    \"A\": 2,|    \"SHELL\": 1|  }|}|  ; {|  \"env\": {|    \"A\": 2|  }|}|",
        "{|  \"env\": {|    \"A\": 2, // two|    \"SHELL\": 1|  }|}| ; {|  \"env\": {|    \"A\": 2 // two|    |  }|}|",
        "{\"env\": {\"SHELL\": 1, \"A\": 2}}                  ; {\"env\": { \"A\": 2}}",
        "{\"env\": {\"SHELL\": 1}}                            ; {\"env\": {}}",
        "{\"env\": {\"SHELL\": 1,}}                           ; {\"env\": {}}",
      })
  void whatIsTakenOutLeavesNoCommaBehind(String before, String after) throws Exception {
    assertThat(json.remove(lines(before), PATH)).isEqualTo(lines(after));
    json.values(lines(after));
  }

  @Test
  void linesEndAsTheyDidBefore() throws Exception {
    assertThat(json.put("{\r\n  \"a\": 1\r\n}\r\n", List.of("b"), "2"))
        .isEqualTo("{\r\n  \"b\": 2,\r\n  \"a\": 1\r\n}\r\n");
  }

  @Test
  void aByteOrderMarkStays() throws Exception {
    String mark = "\u00ef\u00bb\u00bf";
    assertThat(json.put(mark + "{}", List.of("b"), "2")).isEqualTo(mark + "{\n  \"b\": 2\n}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "{|  \"a\": 1|  \"b\": 2|}      ; 3; '}' is missing",
        "{|  \"a\": |}                  ; 3; a value is expected before '}'",
        "{|  \"a\" 1}                   ; 2; ':' is missing",
        "{|  a: 1}                      ; 2; a name in quotes is expected before 'a'",
        "{|  \"a\": \"x|}               ; 2; a string has no end",
        "{|  /* \"a\": 1|}              ; 2; a comment has no end",
        "{}|x                           ; 2; something follows the end",
        "[]                             ; 1; an object is expected",
        "{|  \"a\": tru}                ; 2; it is no valid JSON",
        "{|  \"a\": 01}                 ; 2; it is no valid JSON",
        "{\"a\": \"\u00ff\"}            ; 1; it is no text in UTF-8",
      })
  void whatIsNoJsonIsRefusedWithItsLine(String text, int line, String what) {
    assertThatThrownBy(() -> json.values(lines(text)))
        .isInstanceOfSatisfying(SyntaxException.class, e -> assertThat(e.line()).isEqualTo(line))
        .hasMessage(what);
  }

  @Test
  void whatIsTooDeepIsRefused() {
    assertThatThrownBy(() -> json.values("{\"a\":" + "[".repeat(100_000)))
        .isInstanceOf(SyntaxException.class)
        .hasMessageContaining("inside each other");
  }

  @Test
  void whatIsNoObjectOnTheWayIsRefused() {
    assertThatThrownBy(() -> json.put("{\n\"env\": 1}", PATH, "1"))
        .isInstanceOf(SyntaxException.class)
        .hasMessage("env is no object");
  }

  private static String lines(String row) {
    return row.replace('|', '\n');
  }
}
