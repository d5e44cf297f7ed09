package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Checks that docs/cgroups.md explains the reasons for degraded layers in the words that receipts
 * have.
 */
class DegradedReasonsTest {
  private static final Path SOURCES = Documents.ROOT.resolve("guard-core/src/main/java/dev/guard");
  private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| ([^|]+) \\|");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  // What differs from case to case: dots, or a word in capitals.
  private static final Pattern DIFFERS = Pattern.compile("\\.\\.\\.|\\b[A-Z]+\\b|[0-9]+");
  private static final Pattern GIVEN_REASON =
      Pattern.compile("(?s)(?:\\.no|new NoManagerException)\\((.*?)\\)\\s*[;:]");
  private static final Pattern LITERAL = Pattern.compile("\"([^\"]*)\"");
  private static final int SHORTEST = 12;

  @Test
  void everyReasonOnThePageIsOneThatTheProgramGives() throws IOException {
    String sources = sources();

    List<String> reasons =
        matches(FIRST_CELL, section()).flatMap(cell -> matches(CODE, cell)).toList();

    assertThat(reasons)
        .hasSizeGreaterThan(10)
        .allSatisfy(
            reason ->
                assertThat(DIFFERS.split(reason, -1))
                    .as(reason)
                    .allSatisfy(part -> assertThat(sources).contains(part.strip())));
  }

  @Test
  void everyReasonThatADriverOrSystemdGivesIsOnThePage() throws IOException {
    String page = section();

    List<String> texts =
        matches(GIVEN_REASON, sources())
            .flatMap(call -> matches(LITERAL, call))
            .map(
                text -> text.replaceFirst("[,;] see docs/.*", "").replaceFirst("^[,;]", "").strip())
            .filter(text -> text.length() >= SHORTEST)
            .toList();

    assertThat(texts).hasSizeGreaterThan(5).allSatisfy(text -> assertThat(page).contains(text));
  }

  private static String section() {
    String page = Documents.text("docs/cgroups.md");
    int start = page.indexOf("\n## Why a layer is degraded\n");
    return page.substring(start, page.indexOf("\n## ", start + 1));
  }

  private static Stream<String> matches(Pattern pattern, String text) {
    return pattern.matcher(text).results().map((MatchResult r) -> r.group(1));
  }

  private static String sources() throws IOException {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .map(file -> Documents.text(Documents.ROOT.relativize(file).toString()))
          .collect(Collectors.joining("\n"));
    }
  }
}
