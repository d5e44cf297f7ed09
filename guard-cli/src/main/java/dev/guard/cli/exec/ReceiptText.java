package dev.guard.cli.exec;

import dev.guard.Layer;
import dev.guard.value.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** The receipt of a command for people: {@code --verbose}. */
final class ReceiptText {
  private ReceiptText() {}

  static List<String> lines(Result result) {
    List<String> lines = new ArrayList<>();
    lines.add("command " + result.id() + " in budget " + result.budget());
    for (Layer layer : result.layers()) {
      String limit = layer.limit().isEmpty() ? "" : " " + layer.limit();
      String detail = layer.detail().isEmpty() ? "" : " (" + layer.detail() + ")";
      lines.add(
          String.format(
              "  %-13s %-8s%s%s", layer.name().text(), layer.state().text(), limit, detail));
    }
    lines.add("ended: " + result.outcome().cause().text() + ", exit status " + result.exitCode());
    lines.add(
        "used:"
            + number(" cpu %.2f s", result.usage().cpuMicros(), 1e6)
            + number(peakMemory(result.usage()), result.usage().peakMemoryBytes(), 1 << 20)
            + number(", peak tasks %.0f", result.usage().peakPids(), 1)
            + number(", forks refused %.0f", result.usage().forksRefused(), 1)
            + number(", killed for memory %.0f", result.usage().oomKills(), 1));
    result
        .strays()
        .forEach(
            s ->
                lines.add(
                    "left its cgroup: process "
                        + s.pid()
                        + " ("
                        + s.command()
                        + "), "
                        + s.action().name().toLowerCase(Locale.ROOT)));
    if (result.leftoversKilled() > 0 || result.leftoversKept() > 0) {
      lines.add(
          "leftovers: "
              + result.leftoversKilled()
              + " killed, "
              + result.leftoversKept()
              + " kept");
    }
    lines.addAll(result.notes());
    return lines;
  }

  private static String peakMemory(Result.Usage usage) {
    boolean atMost =
        usage.peakMemorySource().filter(Result.PeakMemorySource.RUSAGE_AT_MOST::equals).isPresent();
    return atMost ? ", peak memory at most %.1f MiB" : ", peak memory %.1f MiB";
  }

  private static String number(String format, OptionalLong value, double unit) {
    return value.isEmpty() ? "" : String.format(format, value.getAsLong() / unit);
  }
}
