package dev.guard.report;

import com.google.gson.stream.JsonWriter;
import dev.guard.ExitStatus;
import dev.guard.Outcome;
import dev.guard.record.LayersJson;
import dev.guard.store.JsonStrings;
import dev.guard.value.Result;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalLong;

/** Writes a result as one line of JSON, described in docs/report.md. */
public final class ReportWriter {
  private ReportWriter() {}

  /** Answers the JSON text, with a newline at its end. */
  public static String toJson(Result result) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setHtmlSafe(false);
      write(json, result);
    } catch (IOException e) {
      throw new AssertionError("a StringWriter does not fail", e);
    }
    return text + "\n";
  }

  private static void write(JsonWriter json, Result r) throws IOException {
    json.beginObject();
    json.name("id").value(r.id());
    json.name("name").value(r.name().orElse(null));
    json.name("budget").value(r.budget());
    JsonStrings.write(json, r.labels());
    JsonStrings.write(json, "argv", r.argv());
    json.name("directory");
    if (r.directory().isPresent()) {
      json.value(r.directory().get().toString());
    } else {
      json.nullValue();
    }
    times(json, r.times());
    exit(json, r);
    LayersJson.write(json, r.layers());
    usage(json, r.usage());
    json.name("output_lost_bytes").value(r.output().dropped() + r.error().dropped());
    json.name("leftovers_killed").value(r.leftoversKilled());
    json.name("leftovers_kept").value(r.leftoversKept());
    json.name("strays").beginArray();
    for (Result.Stray s : r.strays()) {
      json.beginObject();
      json.name("pid").value(s.pid());
      json.name("command").value(s.command());
      json.name("cgroup").value(s.cgroup());
      json.name("action").value(s.action().name().toLowerCase(Locale.ROOT));
      json.endObject();
    }
    json.endArray();
    json.name("survivors").beginArray();
    for (Result.Survivor s : r.survivors()) {
      json.beginObject().name("pid").value(s.pid()).name("command").value(s.command()).endObject();
    }
    json.endArray();
    json.name("notes").beginArray();
    for (String note : r.notes()) {
      json.value(note);
    }
    json.endArray();
    json.endObject();
  }

  private static void times(JsonWriter json, Result.Times times) throws IOException {
    json.name("times").beginObject();
    json.name("requested").value(times.requested().toString());
    json.name("waited_seconds").value(seconds(times.waited()));
    json.name("ran_seconds").value(seconds(times.ran()));
    json.name("reaped_seconds").value(seconds(times.reaped()));
    json.name("ended").value(times.ended().toString());
    json.endObject();
  }

  private static double seconds(Duration d) {
    return d.toNanos() / 1e9;
  }

  private static void exit(JsonWriter json, Result r) throws IOException {
    Outcome outcome = r.outcome();
    int signal =
        outcome instanceof Outcome.Ran ran ? ran.status().map(ExitStatus::signal).orElse(0) : 0;
    json.name("exit").beginObject();
    json.name("code").value(r.exitCode());
    json.name("signal");
    if (signal == 0) {
      json.nullValue();
    } else {
      json.value(signal);
    }
    json.name("cause").value(outcome.cause().text());
    json.name("messages").beginArray();
    for (String message : outcome.messages()) {
      json.value(message);
    }
    json.endArray();
    json.endObject();
  }

  private static void usage(JsonWriter json, Result.Usage usage) throws IOException {
    json.name("usage").beginObject();
    number(json, "cpu_micros", usage.cpuMicros());
    number(json, "peak_memory_bytes", usage.peakMemoryBytes());
    json.name("peak_memory_source");
    if (usage.peakMemorySource().isPresent()) {
      json.value(usage.peakMemorySource().get().text());
    } else {
      json.nullValue();
    }
    number(json, "peak_pids", usage.peakPids());
    number(json, "forks_refused", usage.forksRefused());
    number(json, "oom_kills", usage.oomKills());
    json.endObject();
  }

  private static void number(JsonWriter json, String name, OptionalLong value) throws IOException {
    json.name(name);
    if (value.isPresent()) {
      json.value(value.getAsLong());
    } else {
      json.nullValue();
    }
  }
}
