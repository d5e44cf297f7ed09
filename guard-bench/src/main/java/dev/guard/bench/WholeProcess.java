package dev.guard.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Times whole processes from start to end, each in turn with the others, so that what else the
 * machine does falls on all of them. Ratios are taken within a round, and their median is shown.
 */
final class WholeProcess {
  private static final int WARM_UP_ROUNDS = 3;
  private static final String SETTINGS =
      """
      [limits]
      max_processes = 64
      rate_limit_per_second = 20
      timeout_seconds = 120.5
      kill_after_seconds = 2

      [leftovers]
      policy = "kill"

      [containment]
      require = ["timeout"]
      """;

  private final Path directory;
  private final Map<String, List<String>> commands = new LinkedHashMap<>();
  private final Map<String, List<Double>> millis = new LinkedHashMap<>();

  private WholeProcess(Path directory) {
    this.directory = directory;
  }

  /** Arguments: the path of guard, the number of rounds. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("guard-bench");
    Path settings = directory.resolve("settings.toml");
    try {
      Files.writeString(settings, SETTINGS);
      new WholeProcess(directory).compare(args[0], settings.toString(), Integer.parseInt(args[1]));
    } finally {
      // With the history that guard has written below this home.
      try (Stream<Path> all = Files.walk(directory)) {
        all.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
      }
    }
  }

  private void compare(String guard, String settings, int rounds)
      throws IOException, InterruptedException {
    String java = System.getProperty("java.home") + "/bin/java";
    String classes = System.getProperty("java.class.path");
    add("empty", java, "-cp", classes, Empty.class.getName());
    add("guard", guard, "exec", "--", "true");
    add("settings", guard, "exec", "--config", settings, "--", "true");
    add("timeout", "timeout", "5", "true");
    for (int i = 0; i < WARM_UP_ROUNDS + rounds; i++) {
      for (Map.Entry<String, List<String>> command : commands.entrySet()) {
        double time = run(command.getValue());
        if (i >= WARM_UP_ROUNDS) {
          millis.get(command.getKey()).add(time);
        }
      }
    }
    print();
  }

  private void add(String name, String... command) {
    commands.put(name, List.of(command));
    millis.put(name, new ArrayList<>());
  }

  private double run(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("GUARD_"));
    // No settings of the user's or of a project's are found here.
    builder.environment().put("HOME", directory.toString());
    builder.environment().remove("XDG_CONFIG_HOME");
    builder.environment().remove("XDG_STATE_HOME");
    builder.redirectInput(new File("/dev/null")).redirectOutput(ProcessBuilder.Redirect.INHERIT);
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    long start = System.nanoTime();
    int status = builder.start().waitFor();
    long end = System.nanoTime();
    if (status != 0) {
      throw new IOException(String.join(" ", command) + " ended with " + status);
    }
    return (end - start) / 1e6;
  }

  private void print() {
    System.out.printf(
        "%-10s %9s %9s %9s %10s %12s%n", "", "min ms", "median", "max", "to empty", "to timeout");
    millis.forEach(
        (name, times) ->
            System.out.printf(
                Locale.ROOT,
                "%-10s %9.1f %9.1f %9.1f %10.2f %12.2f%n",
                name,
                sorted(times)[0],
                median(times),
                sorted(times)[times.size() - 1],
                ratio(times, millis.get("empty")),
                ratio(times, millis.get("timeout"))));
  }

  /** The median of the ratios of runs that stood side by side. */
  private static double ratio(List<Double> times, List<Double> base) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < times.size(); i++) {
      ratios.add(times.get(i) / base.get(i));
    }
    return median(ratios);
  }

  private static double median(List<Double> values) {
    double[] sorted = sorted(values);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static double[] sorted(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted;
  }
}
