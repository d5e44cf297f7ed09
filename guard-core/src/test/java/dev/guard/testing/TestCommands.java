package dev.guard.testing;

import dev.guard.config.ConfigException;
import dev.guard.config.GuardConfig;
import dev.guard.config.Setting;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Makes requests and settings as integration tests want them. */
public final class TestCommands {
  private static final int LIMIT = 1 << 20;

  // What other guards of this user run must not count in a test.
  private static final String BUDGET = "it-" + ProcessHandle.current().pid();

  private TestCommands() {}

  /** A shell script with both outputs captured. */
  public static Request sh(String script, String... arguments) {
    List<String> argv = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    argv.addAll(Arrays.asList(arguments));
    return Request.of(argv.toArray(String[]::new)).capturing(LIMIT);
  }

  /** A Perl program with both outputs captured. */
  public static Request perl(String program, String... arguments) {
    List<String> argv = new ArrayList<>(List.of("perl", "-e", program));
    argv.addAll(Arrays.asList(arguments));
    return Request.of(argv.toArray(String[]::new)).capturing(LIMIT);
  }

  /** Settings without a rate limit and with a budget of this JVM, some changed. */
  public static GuardConfig config(Map<Setting, String> changes) throws ConfigException {
    Map<Setting, String> all = new EnumMap<>(Setting.class);
    all.put(Setting.RATE_LIMIT, "0");
    all.put(Setting.BUDGET, BUDGET);
    all.putAll(changes);
    return GuardConfig.defaultsWith(all);
  }

  /** The lines that a command wrote to its standard output. */
  public static List<String> lines(Result result) {
    return result.output().text().lines().toList();
  }

  /** The numbers, one a line, that a command wrote to its standard output. */
  public static List<Integer> pids(Result result) {
    return lines(result).stream().map(Integer::valueOf).toList();
  }
}
