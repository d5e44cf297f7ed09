package dev.guard.config;

/**
 * One setting's value and where it came from.
 *
 * @param where the file and line, the variable, the flag, or built-in
 */
record Entry(Setting setting, Value value, String where, Origin origin) {
  /** Says which kind of place a value came from. */
  enum Origin {
    /** Nobody set it. */
    BUILT_IN,
    /** The system's file, the user's, or the one named by --config. */
    FILE,
    /** The table of one budget, in a file that may have it. */
    BUDGET,
    /** A project's file, which may only tighten. */
    PROJECT,
    /** The environment, whose values never appear in messages. */
    VARIABLE,
    /** The command line, or a program that uses the library. */
    FLAG
  }

  /** The value as a message may show it. */
  String shown() {
    return origin == Origin.VARIABLE ? "its value" : value.toString();
  }

  /** The value and where it came from, as a message may show them. */
  String shownWithSource() {
    return origin == Origin.VARIABLE ? where + " has it" : value + " (" + where + ")";
  }
}
