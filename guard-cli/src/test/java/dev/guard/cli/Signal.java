package dev.guard.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Sends a signal as kill(1) does. */
final class Signal {
  private Signal() {}

  /**
   * Sends a signal.
   *
   * @param targets process ids, or process groups with a minus before them
   * @return whether there was somebody to send it to
   */
  static boolean send(String name, String... targets) {
    List<String> argv = new ArrayList<>(List.of("env", "kill", "-s", name, "--"));
    argv.addAll(List.of(targets));
    try {
      return new ProcessBuilder(argv).inheritIO().start().waitFor() == 0;
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
