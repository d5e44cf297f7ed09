package dev.guard.cli.setup;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A format knows where values stand in a text, and changes one of them so that every other byte
 * stays. Each character of a text is one byte of its file; a path names a value from the root on.
 * What a format says of tables is that of one that has none, unless it says otherwise.
 */
interface Format {
  /**
   * Answers what a real parser reads: each value that is no table by its path. An empty text has
   * none.
   */
  Map<List<String>, String> values(String text) throws SyntaxException;

  /** Answers a value as it is written, if it is there. */
  Optional<String> get(String text, List<String> path) throws SyntaxException;

  /** Replaces a value, or puts it in with the tables that it needs. */
  String put(String text, List<String> path, String value) throws SyntaxException;

  /** Takes a value out that is there. */
  String remove(String text, List<String> path) throws SyntaxException;

  /** Tells whether there is a table of this path, also an empty one. */
  default boolean hasTable(String text, List<String> path) throws SyntaxException {
    return true;
  }

  /** Takes out a table that has nothing in it; one that has, or none, stays. */
  default String removeEmptyTable(String text, List<String> path) throws SyntaxException {
    return text;
  }

  /** Writes a string as a value of this format. */
  default String quoted(String value) {
    return value;
  }
}
