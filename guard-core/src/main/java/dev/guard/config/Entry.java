package dev.guard.config;

/**
 * Holds one setting's value and where it came from.
 *
 * @param where the file and line, the variable, the flag, or built-in
 */
record Entry(Setting setting, Value value, String where, Origin origin) {
  /** Says which kind of place a value came from. */
  enum Origin {
    /** Nobody set the value. */
    BUILT_IN,
    /** The system's file set the value, or the user's, or the one named by --config. */
    FILE,
    /** The table of one budget set the value, in a file that may have it. */
    BUDGET,
    /** A project's file set the value, and may only tighten. */
    PROJECT,
    /** The environment set the value, which never appears in messages. */
    VARIABLE,
    /** The command line set the value, or a program that uses the library. */
    FLAG
  }

  /** Answers the value as a message may show it. */
  String shown() {
    return origin == Origin.VARIABLE ? "its value" : value.toString();
  }

  /** Answers the value and where it came from, as a message may show them. */
  String shownWithSource() {
    return origin == Origin.VARIABLE ? where + " has it" : value + " (" + where + ")";
  }
}
