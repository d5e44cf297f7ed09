package dev.guard.cli.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Edits made and taken out again, of texts that somebody has changed in between. */
class EditTest {
  private static final Format JSON = new JsonText();
  private static final Format TOML = new TomlText();
  private static final Edit SHELL = new Edit(List.of("env", "SHELL"), "\"guard\"", false);
  private static final Edit EXCLUDE = new Edit(List.of("t", "exclude"), "\"ID\"", true);

  @Test
  void aValueThatIsThereIsNotWrittenAgain() throws Exception {
    String text = "{\"env\":{\"SHELL\":\"\\u0067uard\"}}";
    assertThat(SHELL.apply(JSON, text)).isEqualTo(text);
  }

  @Test
  void whatSomebodyElseHasAddedSinceStays() throws Exception {
    String before = "{\n  \"a\": 1\n}\n";
    String after = SHELL.apply(JSON, before);
    String now = after.replace("\"a\": 1", "\"a\": 1,\n  \"b\": 2");
    assertThat(SHELL.revert(JSON, now, before, after)).isEqualTo("{\n  \"a\": 1,\n  \"b\": 2\n}\n");
  }

  @Test
  void aTableThatHasGotAnotherValueStays() throws Exception {
    String after = SHELL.apply(JSON, "{}");
    String now = after.replace("\"guard\"", "\"guard\", \"B\": 2");
    assertThat(SHELL.revert(JSON, now, "{}", after)).contains("\"B\": 2").contains("env");
  }

  @Test
  void theValueFromBeforeComesBack() throws Exception {
    String before = "{\"env\": {\"SHELL\": \"zsh\"}}";
    String after = SHELL.apply(JSON, before);
    assertThat(SHELL.revert(JSON, after + "\n", before, after)).isEqualTo(before + "\n");
  }

  @Test
  void theValueThatSomebodyElseHasPutInItsPlaceStays() throws Exception {
    String after = SHELL.apply(JSON, "{}");
    String now = after.replace("\"guard\"", "\"fish\"");
    assertThat(SHELL.revert(JSON, now, "{}", after)).isEqualTo(now);
  }

  @Test
  void aNameInEscapesIsRefusedSinceTheOldValueWouldCount() {
    assertThatThrownBy(() -> SHELL.apply(JSON, "{\"\\u0065nv\": {\"SHELL\": \"zsh\"}}"))
        .isInstanceOf(SyntaxException.class);
  }

  @Test
  void whatWouldChangeSomethingElseIsRefused() {
    Format careless =
        new DotenvText() {
          @Override
          public String put(String text, List<String> path, String value) {
            return super.put(text.replace("A=1", "A=2"), path, value);
          }
        };
    Edit edit = new Edit(List.of("B"), "x", false);
    assertThatThrownBy(() -> edit.apply(careless, "A=1\n"))
        .isInstanceOf(SyntaxException.class)
        .hasMessage("B can not be set without a change of something else");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "``                     ; [t]|exclude = [\"ID\"]|",
        "[t]|exclude = []|      ; [t]|exclude = [\"ID\"]|",
        "[t]|exclude = ['A']|   ; [t]|exclude = [\"ID\", 'A']|",
        "[t]|exclude = [|  'A', # a|]| ; [t]|exclude = [\"ID\",|  'A', # a|]|",
      })
  void anElementIsPutInAndTakenOut(String before, String after) throws Exception {
    String from = before.replace('|', '\n');
    String to = after.replace('|', '\n');
    assertThat(EXCLUDE.apply(TOML, from)).isEqualTo(to);
    assertThat(EXCLUDE.apply(TOML, to)).isEqualTo(to);
    String more = to + "[z]\n";
    assertThat(EXCLUDE.revert(TOML, more, from, to)).isEqualTo(from + "[z]\n");
  }

  @Test
  void anElementThatWasThereBeforeStays() throws Exception {
    String before = "[t]\nexclude = [\"ID\"]\n";
    assertThat(EXCLUDE.revert(TOML, before + "x = 1\n", before, before))
        .isEqualTo(before + "x = 1\n");
  }

  @Test
  void linesOfVariables() throws Exception {
    Format env = new DotenvText();
    Edit edit = new Edit(List.of("B"), "x", false);
    assertThat(edit.apply(env, "A=1")).isEqualTo("A=1\nB=x\n");
    assertThat(edit.apply(env, "export B = 'y'  \n# c\n")).isEqualTo("export B = x  \n# c\n");
    assertThat(edit.revert(env, "A=1\nB=x\nC=2\n", "A=1\n", "A=1\nB=x\n")).isEqualTo("A=1\nC=2\n");
    assertThat(env.quoted("/a b/c")).isEqualTo("\"/a b/c\"");
  }

  @Test
  void aSection() throws Exception {
    Format section = new SectionText();
    Edit edit = new Edit(SectionText.SECTION, "one\ntwo", false);
    String after = edit.apply(section, "# Mine\r\n");
    assertThat(after)
        .isEqualTo(
            "# Mine\r\n\r\n<!-- guard setup: begin -->\r\none\r\ntwo\r\n<!-- guard setup: end -->\r\n");
    assertThat(edit.apply(section, after)).isEqualTo(after);
    assertThat(edit.revert(section, after + "more\r\n", "# Mine\r\n", after))
        .isEqualTo("# Mine\r\nmore\r\n");
    assertThatThrownBy(() -> edit.apply(section, "a\n<!-- guard setup: begin -->\n"))
        .isInstanceOfSatisfying(SyntaxException.class, e -> assertThat(e.line()).isEqualTo(2));
  }
}
