package dev.guard.config;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Collects what is wrong with the settings, so that all of it is reported at once. */
final class Problems {
  private static final int LONGEST_VALUE = 60;

  private final Set<String> lines = new LinkedHashSet<>();

  /**
   * Adds a line, unless it is there already. Control characters do not get into it: a name or a
   * value that holds them could forge lines.
   */
  void add(String where, String what) {
    lines.add((where + ": " + what).replaceAll("(?U)\\p{Cntrl}", "?"));
  }

  void throwIfAny() throws ConfigException {
    if (!lines.isEmpty()) {
      throw new ConfigException(List.copyOf(lines));
    }
  }

  /** A value that was given, for a line. */
  static String quote(String value) {
    int end =
        value.offsetByCodePoints(
            0, Math.min(value.codePointCount(0, value.length()), LONGEST_VALUE));
    return '"' + value.substring(0, end) + (end < value.length() ? "...\"" : "\"");
  }

  /**
   * The known name that {@code name} most likely stands for, when it is within two edits (one for
   * short names).
   */
  static Optional<String> nearest(String name, Collection<String> known) {
    String best = null;
    int bestDistance = name.length() < 6 ? 2 : 3;
    for (String k : known) {
      int d = distance(name, k);
      if (d < bestDistance) {
        best = k;
        bestDistance = d;
      }
    }
    return Optional.ofNullable(best);
  }

  /** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours. */
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
