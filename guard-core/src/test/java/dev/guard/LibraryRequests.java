package dev.guard;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes requests and limits as tests of the library want them. */
final class LibraryRequests {
  /** No rate limit, and a budget of this JVM, so that what others run does not count. */
  static final CommandLimits LIMITS =
      CommandLimits.defaults()
          .budget("it-" + ProcessHandle.current().pid())
          .without(LayerName.RATE_LIMIT);

  private static final int MOST_OUTPUT = 1 << 20;

  private LibraryRequests() {}

  /** A shell script with both outputs captured. */
  static CommandRequest sh(String script, String... arguments) {
    List<String> words = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    words.addAll(Arrays.asList(arguments));
    return CommandRequest.of(words).capture(MOST_OUTPUT);
  }
}
