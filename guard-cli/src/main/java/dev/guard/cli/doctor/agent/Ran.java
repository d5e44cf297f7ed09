package dev.guard.cli.doctor.agent;

import dev.guard.os.ProgramResult;
import java.util.List;
import java.util.Optional;

/**
 * Holds a run of the agent that has ended.
 *
 * @param script what the model has asked for, and what came of it
 * @param result how the agent has ended; empty: it could not be run
 * @param failure why it could not be run; empty where it could
 */
record Ran(Script script, Optional<ProgramResult> result, String failure) {
  private static final int LAST_LINES = 5;
  private static final int LONGEST_LINE = 300;

  /** Answers what is wrong with the run itself; empty: nothing. */
  String problem() {
    if (result.isEmpty()) {
      return failure;
    }
    String said = (result.get().output() + "\n" + result.get().errors()).strip();
    if (!script.hasBegun()) {
      return "it asked nothing of the model, and ended with " + end(said);
    }
    return result.get().status() == 0 ? "" : "it ended with " + end(said);
  }

  private String end(String said) {
    List<String> lines = said.lines().filter(l -> !l.isBlank()).toList();
    return result.orElseThrow().status()
        + ": "
        + String.join(" / ", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()))
            .replaceAll("(.{" + LONGEST_LINE + "}).*", "$1...");
  }
}
