package dev.guard.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Collects what is wrong with the settings, so that all of it is reported at once, and notes what
 * was not taken, which stops nobody.
 */
final class Problems {
  private static final int MOST_LINES = 20;
  private static final int LONGEST_VALUE = 60;
  private static final int LONGEST_MESSAGE = 300;

  private final Set<String> lines = new LinkedHashSet<>();
  // Of the lines beyond those, only the hashes that tell them apart are kept.
  private final Set<Integer> more = new HashSet<>();
  private Problems notes;
  private int told;
  private boolean forbids;

  /**
   * Adds a line, unless it is there already. Characters that a terminal does not show do not get
   * into the line: a name or a value that holds control characters could forge lines.
   */
  void add(String where, String what) {
    told++;
    String text = where + ": " + what;
    String line = lines.size() < MOST_LINES ? oneLine(text) : text;
    if (lines.size() < MOST_LINES) {
      lines.add(line);
    } else if (!lines.contains(line)) {
      more.add(line.hashCode());
    }
  }

  /** Adds a line about a value that is no mistake, but that the machine's file forbids. */
  void addForbidden(String where, String what) {
    forbids = true;
    add(where, what);
  }

  /** Counts the lines and notes that were told, also those that were there already. */
  int told() {
    return told;
  }

  private static String oneLine(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]", "?");
  }

  /** Adds a line about an entry that was not taken. */
  void note(String where, String what) {
    told++;
    if (notes == null) {
      notes = new Problems();
    }
    notes.add(where, what);
  }

  /** Answers the lines about entries that were not taken. */
  List<String> notes() {
    return notes == null ? List.of() : notes.lines();
  }

  void throwIfAny() throws ConfigException {
    if (!lines.isEmpty()) {
      throw new ConfigException(lines(), lines.size() + more.size(), forbids);
    }
  }

  /** Answers the first problems, and how many more there are. */
  private List<String> lines() {
    List<String> shown = new ArrayList<>(lines);
    if (!more.isEmpty()) {
      shown.add("and " + more.size() + " more");
    }
    return List.copyOf(shown);
  }

  /** Quotes a value that was given, for a line. */
  static String quote(String value) {
    return '"' + shortened(value) + '"';
  }

  /** Shortens a name that was given, for a line. */
  static String shortened(String name) {
    return shortened(name, LONGEST_VALUE);
  }

  /** Shortens a message of a library, which may quote all of a file. */
  static String message(String text) {
    return shortened(text, LONGEST_MESSAGE);
  }

  private static String shortened(String text, int most) {
    if (text.length() <= most || text.codePointCount(0, text.length()) <= most) {
      return text;
    }
    return text.substring(0, text.offsetByCodePoints(0, most)) + "...";
  }

  /**
   * Finds the known name that {@code name} most likely stands for, when it is within two edits (one
   * for short names).
   */
  static Optional<String> nearest(String name, Collection<String> known) {
    String best = null;
    int bestDistance = name.length() < 6 ? 2 : 3;
    for (String k : known) {
      // Beyond that the lengths alone are too far apart, and the table of distances would be as
      // long as a file.
      boolean isNear = Math.abs(name.length() - k.length()) < bestDistance;
      int d = isNear ? distance(name, k) : bestDistance;
      if (d < bestDistance) {
        best = k;
        bestDistance = d;
      }
    }
    return Optional.ofNullable(best);
  }

  /**
   * Counts the edits between two names by optimal string alignment: insertions, deletions,
   * substitutions and swaps of neighbours.
   */
  private static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int substitution = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + substitution);
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
