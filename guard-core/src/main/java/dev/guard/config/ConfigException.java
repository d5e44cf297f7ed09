package dev.guard.config;

import java.util.List;

/**
 * Settings that can not be used: every problem at once, one line each, saying where, what, and what
 * to do.
 */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  ConfigException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** One line for each problem, never empty. */
  public List<String> problems() {
    return problems;
  }
}
