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
  private final boolean forbidden;

  ConfigException(List<String> problems, int count, boolean forbidden) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
    this.count = count;
    this.forbidden = forbidden;
  }

  /**
   * Tells whether one of the problems is a value over a ceiling: what was asked for is refused,
   * however broken the rest is.
   */
  public boolean isForbidden() {
    return forbidden;
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
