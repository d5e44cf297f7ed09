package dev.guard;

import java.io.IOException;
import java.util.List;

/** Settings can not be used: every problem is told at once, and nothing is run. */
public final class SettingsException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  SettingsException(List<String> problems, Throwable cause) {
    super(String.join("\n", problems), cause);
    this.problems = List.copyOf(problems);
  }

  /** Answers one line for each problem: where it is, what it is, and what to do. */
  public List<String> problems() {
    return problems;
  }
}
