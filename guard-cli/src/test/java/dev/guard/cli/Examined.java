package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Holds the output of {@code guard doctor --json}. */
record Examined(List<JsonObject> findings) {
  /** Examines these areas; none: all of them. */
  static Examined of(UnaryOperator<GuardProcess> changes, String... areas) {
    List<String> words = new ArrayList<>(List.of("doctor", "--json"));
    words.addAll(List.of(areas));
    Finished f = changes.apply(GuardProcess.of(words.toArray(String[]::new))).run();
    assertThat(f.errors()).isEmpty();
    assertThat(f.exit()).isZero();
    List<JsonObject> findings = new ArrayList<>();
    for (JsonElement one : JsonParser.parseString(f.output()).getAsJsonArray()) {
      findings.add(one.getAsJsonObject());
    }
    return new Examined(findings);
  }

  static String text(JsonObject finding, String field) {
    return finding.get(field).getAsString();
  }

  /** Answers the finding of a check about this subject; an empty one is the host. */
  Optional<JsonObject> find(String check, String subject) {
    return findings.stream()
        .filter(f -> text(f, "check").equals(check) && text(f, "subject").equals(subject))
        .findFirst();
  }

  String status(String check, String subject) {
    return text(find(check, subject).orElseThrow(), "status");
  }

  String details(String check, String subject) {
    return find(check, subject).orElseThrow().getAsJsonArray("details").toString();
  }

  /** The script of a remedy. */
  String script(String check, String subject) {
    return text(find(check, subject).orElseThrow().getAsJsonObject("remedy"), "script");
  }
}
