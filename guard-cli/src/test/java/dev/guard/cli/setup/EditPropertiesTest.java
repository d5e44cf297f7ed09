package dev.guard.cli.setup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for any text of a format: edited, edited again, changed by others, and undone. */
class EditPropertiesTest {
  private static final Edit JSON_EDIT = new Edit(List.of("env", "SHELL"), "\"guard\"", false);
  private static final List<Edit> TOML_EDITS =
      List.of(
          new Edit(List.of("t", "set", "K"), "\"guard\"", false),
          new Edit(List.of("t", "exclude"), "\"ID\"", true),
          new Edit(List.of("f", "on"), "false", false));

  @Property(tries = 500)
  void json(@ForAll("jsonTexts") String text) throws Exception {
    check(new JsonText(), List.of(JSON_EDIT), text);
  }

  @Property(tries = 500)
  void toml(@ForAll("tomlTexts") String text) throws Exception {
    check(new TomlText(), TOML_EDITS, text);
  }

  private static void check(Format format, List<Edit> edits, String before) throws Exception {
    AgentFile file = new AgentFile(Path.of("/f"), format, edits, AgentFile.PRIVATE);
    String after = file.apply(before);
    assertThat(file.apply(after)).as("a second time").isEqualTo(after);
    Edit others = new Edit(List.of("others"), "7", false);
    String now = others.apply(format, after);
    Map<List<String>, String> left = format.values(file.revert(now, before, after));
    Map<List<String>, String> expected = new HashMap<>(format.values(before));
    expected.put(List.of("others"), format.values(now).get(List.of("others")));
    assertThat(left).as("taken out of\n%s", now).isEqualTo(expected);
    assertThat(comments(file.revert(now, before, after))).isEqualTo(comments(before));
  }

  private static String comments(String text) {
    return text.lines()
        .filter(l -> l.contains("note"))
        .map(l -> l.substring(l.indexOf("note")))
        .collect(Collectors.joining("\n"));
  }

  @Provide
  Arbitrary<String> jsonTexts() {
    Arbitrary<String> names = Arbitraries.of("env", "SHELL", "a", "b", "\u00c3\u00a9");
    Arbitrary<String> leaves = Arbitraries.of("1", "\"x\"", "\"//{\"", "[1, {\"env\": 2}]", "null");
    Arbitrary<String> inner = object(names.filter(n -> !n.equals("env")), leaves);
    Arbitrary<String> values = Arbitraries.oneOf(leaves, inner);
    return Combinators.combine(object(names, values), Arbitraries.of("", "\n"))
        .as((object, end) -> object + end)
        // Something that is no object can not have the member.
        .filter(t -> !t.matches("(?s).*\"env\":\\s*[^{\\s].*"));
  }

  private static Arbitrary<String> object(Arbitrary<String> names, Arbitrary<String> values) {
    Arbitrary<Boolean> spread = Arbitraries.of(true, false);
    Arbitrary<Boolean> noted = Arbitraries.of(true, false);
    Arbitrary<List<String>> members =
        names
            .list()
            .uniqueElements()
            .ofMaxSize(3)
            .flatMap(
                all ->
                    Combinators.combine(
                            all.stream().map(n -> values.map(v -> "\"" + n + "\": " + v)).toList())
                        .as(list -> list));
    return Combinators.combine(members, spread, noted)
        .as(
            (all, lines, comment) -> {
              if (!lines) {
                return "{" + String.join(", ", all) + "}";
              }
              String note = comment ? "  // note\n" : "";
              return "{\n"
                  + note
                  + all.stream().map(m -> "  " + m).collect(Collectors.joining(",\n"))
                  + "\n}";
            });
  }

  @Provide
  Arbitrary<String> tomlTexts() {
    Arbitrary<String> roots =
        Arbitraries.of(
            "",
            "a = 1\n",
            "a = '''\n[t]\n'''\n",
            "t.x = 1\n",
            "t = { x = 1 }\n",
            "t = {}\n",
            "t.set.y = 2 # note\n",
            "f = { on = true }\n",
            "f.z = 1\n",
            "a = [ # note\n 1,\n]\n");
    Arbitrary<String> tables =
        Arbitraries.of(
            "",
            "[t]\n",
            "[t] # note\nx = 1\n",
            "[t.set]\nK = 'x'\n",
            "[t]\nset = { y = 1 }\n",
            "[t]\nexclude = [ 'A', 'B' ]\n",
            "[t]\nexclude = [\n  'A', # note\n]\n",
            "[t.other]\n",
            "[t]\nset.K = 'old' # note\n");
    Arbitrary<String> more =
        Arbitraries.of(
            "", "[f]\n", "[f]\non = true\n", "[[g]]\nh = 1\n", "\n[f.deep]\nq = 1 # note\n");
    return Combinators.combine(roots, tables, more)
        .as((a, b, c) -> a + b + c)
        .filter(EditPropertiesTest::isToml);
  }

  private static boolean isToml(String text) {
    try {
      new TomlText().values(text);
      return true;
    } catch (SyntaxException e) {
      return false;
    }
  }
}
