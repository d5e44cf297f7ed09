package dev.guard.cli.setup;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes what changes between two texts as a unified difference without lines around: those of
 * settings hold keys.
 */
final class Difference {
  private final List<String> old;
  private final List<String> fresh;
  private final StringBuilder text = new StringBuilder();

  private Difference(List<String> old, List<String> fresh) {
    this.old = old;
    this.fresh = fresh;
  }

  /**
   * Writes it; empty where nothing changes.
   *
   * @param from the name of the old file, or /dev/null
   * @param to the name of the new file, or /dev/null
   */
  static String of(String from, String old, String to, String fresh) {
    Difference difference = new Difference(lines(old), lines(fresh));
    difference.compare();
    return difference.text.isEmpty() ? "" : "--- " + from + "\n+++ " + to + "\n" + difference.text;
  }

  private static List<String> lines(String text) {
    return text.isEmpty()
        ? List.of()
        : Arrays.asList(text.split("(?<=\n)", -1)).stream().filter(l -> !l.isEmpty()).toList();
  }

  private void compare() {
    int begin = 0;
    while (begin < Math.min(old.size(), fresh.size()) && old.get(begin).equals(fresh.get(begin))) {
      begin++;
    }
    int oldEnd = old.size();
    int freshEnd = fresh.size();
    while (oldEnd > begin
        && freshEnd > begin
        && old.get(oldEnd - 1).equals(fresh.get(freshEnd - 1))) {
      oldEnd--;
      freshEnd--;
    }
    hunks(begin, oldEnd, freshEnd);
  }

  /** Finds the lines that both have between two places, by their longest common subsequence. */
  private void hunks(int begin, int oldEnd, int freshEnd) {
    int n = oldEnd - begin;
    int m = freshEnd - begin;
    int[][] common = new int[n + 1][m + 1];
    for (int i = n - 1; i >= 0; i--) {
      for (int j = m - 1; j >= 0; j--) {
        common[i][j] =
            old.get(begin + i).equals(fresh.get(begin + j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    int i = 0;
    int j = 0;
    while (i < n || j < m) {
      int fromOld = i;
      int fromFresh = j;
      while ((i < n || j < m)
          && !(i < n && j < m && old.get(begin + i).equals(fresh.get(begin + j)))) {
        if (i < n && (j == m || common[i + 1][j] >= common[i][j + 1])) {
          i++;
        } else {
          j++;
        }
      }
      hunk(begin + fromOld, begin + i, begin + fromFresh, begin + j);
      while (i < n && j < m && old.get(begin + i).equals(fresh.get(begin + j))) {
        i++;
        j++;
      }
    }
  }

  private void hunk(int oldBegin, int oldEnd, int freshBegin, int freshEnd) {
    List<String> head = new ArrayList<>(List.of("@@"));
    head.add("-" + range(oldBegin, oldEnd));
    head.add("+" + range(freshBegin, freshEnd));
    head.add("@@");
    text.append(String.join(" ", head)).append('\n');
    old.subList(oldBegin, oldEnd).forEach(line -> line('-', line));
    fresh.subList(freshBegin, freshEnd).forEach(line -> line('+', line));
  }

  private static String range(int begin, int end) {
    int count = end - begin;
    int first = count == 0 ? begin : begin + 1;
    return count == 1 ? "" + first : first + "," + count;
  }

  private void line(char mark, String line) {
    text.append(mark).append(line);
    if (!line.endsWith("\n")) {
      text.append("\n\\ No newline at end of file\n");
    }
  }
}
