package dev.guard.os;

import java.nio.charset.StandardCharsets;

/** Reads the line of /proc/PID/stat, see proc(5), without splitting it into its fields. */
final class StatLine {
  private StatLine() {}

  /** Reads what {@link Procfs.Stat} holds. */
  static Procfs.Stat parse(byte[] line) {
    int open = indexOf(line, '(');
    int close = endOfCommand(line);
    // The state is one letter between two spaces.
    Fields f = new Fields(line, close + 4);
    return new Procfs.Stat(
        (int) new Fields(line, 0).next(),
        new String(line, open + 1, close - open - 1, StandardCharsets.ISO_8859_1),
        (char) line[close + 2],
        (int) f.next(),
        (int) f.next(),
        (int) f.next(),
        (int) f.skip(13).next(),
        f.skip(1).next());
  }

  private static int indexOf(byte[] line, char c) {
    int i = 0;
    while (line[i] != c) {
      i++;
    }
    return i;
  }

  /**
   * Finds the end of the command, which stands in parentheses and may hold anything, also ") Z 1".
   */
  private static int endOfCommand(byte[] line) {
    int i = line.length - 1;
    while (line[i] != ')') {
      i--;
    }
    return i;
  }

  /** Reads the field of a stat line that has this index behind the state, which has the index 0. */
  static long field(byte[] line, int index) {
    return new Fields(line, endOfCommand(line) + 4).skip(index - 1).next();
  }

  /** Reads the numbers of a stat line one after the other: splitting it makes twenty strings. */
  private static final class Fields {
    private final byte[] line;
    private int at;

    Fields(byte[] line, int from) {
      this.line = line;
      this.at = from;
    }

    Fields skip(int count) {
      for (int i = 0; i < count; i++) {
        next();
      }
      return this;
    }

    long next() {
      boolean negative = line[at] == '-';
      long number = 0;
      for (at += negative ? 1 : 0; at < line.length && line[at] >= '0'; at++) {
        number = number * 10 + (line[at] - '0');
      }
      at++;
      return negative ? -number : number;
    }
  }
}
