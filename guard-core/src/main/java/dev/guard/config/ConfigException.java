package dev.guard.config;

import java.util.List;

/**
 * Says that settings can not be used: every problem at once, one line each, saying where, what, and
 * what to do.
 */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;
  private final int count;

  ConfigException(List<String> problems, int count) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
    this.count = count;
  }

  /** Answers how many problems there are. */
  public int count() {
    return count;
  }

  /**
   * Answers one line for each of the first 20 problems, and a line that counts the others; never
   * empty.
   */
  public List<String> problems() {
    return problems;
  }
}
