package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import dev.guard.Cause;
import dev.guard.ExitStatus;
import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.Outcome;
import dev.guard.os.OsString;
import dev.guard.report.ReportWriter;
import dev.guard.value.AgentLabels;
import dev.guard.value.Result;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Checks that docs/report.md has a row for exactly the fields and causes that a report can have.
 */
class ReportPageTest {
  private static final String PAGE = Documents.text("docs/report.md");

  @Test
  void hasARowForEveryFieldAndNoOther() {
    Set<String> fields = new TreeSet<>();
    collect("", JsonParser.parseString(ReportWriter.toJson(full())), fields);

    assertThat(rows("## Fields", "## Causes")).isEqualTo(fields);
  }

  @Test
  void hasARowForEveryCauseAndNoOther() {
    Set<String> causes = new TreeSet<>();
    for (Cause cause : Cause.values()) {
      causes.add(cause.text());
    }

    assertThat(rows("## Causes", "## ")).isEqualTo(causes);
  }

  private static Set<String> rows(String from, String to) {
    int start = PAGE.indexOf("\n" + from + "\n");
    int end = PAGE.indexOf("\n" + to, start + 1);
    String section = PAGE.substring(start, end < 0 ? PAGE.length() : end);
    Set<String> rows = new TreeSet<>();
    Pattern.compile("(?m)^\\| `([^`]+)` \\|")
        .matcher(section)
        .results()
        .forEach(r -> rows.add(r.group(1)));
    return rows;
  }

  /** The leaves and the arrays of a value, by their paths as the page writes them. */
  private static void collect(String path, JsonElement value, Set<String> into) {
    if (value.isJsonObject()) {
      String prefix = path.isEmpty() ? "" : path + ".";
      value
          .getAsJsonObject()
          .entrySet()
          .forEach(e -> collect(prefix + e.getKey(), e.getValue(), into));
      return;
    }
    into.add(path.replaceAll("\\[\\]$", ""));
    if (value.isJsonArray()) {
      value.getAsJsonArray().forEach(element -> collect(path + "[]", element, into));
    }
  }

  /** A result that has every field. */
  private static Result full() {
    return new Result(
        "0123456789abcdef",
        Optional.of("a-name"),
        "default",
        AgentLabels.NONE,
        List.of(OsString.ofBytes(new byte[] {(byte) 0xff})),
        Optional.of(OsString.of("/")),
        new Result.Times(Instant.EPOCH, Duration.ZERO, Duration.ZERO, Duration.ZERO, Instant.EPOCH),
        new Outcome.Ran(Cause.TIMEOUT, Optional.of(new ExitStatus(-1, 9)), List.of("a message")),
        List.of(Layer.off(LayerName.CPU).lostThisTime()),
        Result.Usage.NONE,
        0,
        0,
        List.of(new Result.Stray(1, "x", "0::/", Result.Stray.Action.KILLED)),
        List.of(new Result.Survivor(1, "x")),
        List.of("a note"),
        Result.Captured.NONE,
        Result.Captured.NONE);
  }
}
