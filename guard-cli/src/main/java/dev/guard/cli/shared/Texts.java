package dev.guard.cli.shared;

import dev.guard.os.OsString;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Writes times, sizes, commands and tables for people. */
public final class Texts {
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);
  private static final String UNITS = "KMGT";
  private static final String PLAIN = "[A-Za-z0-9_@%+=:,./-]+";

  private Texts() {}

  /**
   * Writes a time, e.g. 9s, 4m10s, 2h05m, 3d04h; a moment in the future, since a clock was set
   * back, is 0s.
   */
  public static String time(Duration time) {
    long s = Math.max(0, time.toSeconds());
    if (s < 60) {
      return s + "s";
    }
    if (s < 3600) {
      return String.format(Locale.ROOT, "%dm%02ds", s / 60, s % 60);
    }
    if (s < 86400) {
      return String.format(Locale.ROOT, "%dh%02dm", s / 3600, s / 60 % 60);
    }
    return String.format(Locale.ROOT, "%dd%02dh", s / 86400, s / 3600 % 24);
  }

  /** Writes a moment to the second, e.g. 2026-11-22 14:30:00. */
  public static String moment(Instant moment, ZoneId zone) {
    return SECONDS.format(moment.atZone(zone));
  }

  /** Writes a size, e.g. 812B, 4.0K, 1.5G. */
  public static String size(long bytes) {
    double value = bytes;
    int unit = -1;
    while (value >= 1024 && unit < UNITS.length() - 1) {
      value /= 1024;
      unit++;
    }
    return unit < 0 ? bytes + "B" : String.format(Locale.ROOT, "%.1f%c", value, UNITS.charAt(unit));
  }

  /**
   * Writes a command as a shell would take it, on one line; characters that can not be shown become
   * question marks.
   */
  public static String command(List<OsString> argv) {
    return argv.stream().map(OsString::toString).map(Texts::word).collect(Collectors.joining(" "));
  }

  /** Writes a text on one line; characters that can not be shown become question marks. */
  public static String shown(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
  }

  private static String word(String word) {
    String shown = shown(word);
    return shown.matches(PLAIN) ? shown : "'" + shown.replace("'", "'\\''") + "'";
  }

  /**
   * Writes a table with columns as wide as they need to be, but for the last; cells are {@link
   * #shown}.
   */
  public static String table(List<List<String>> cells) {
    List<List<String>> rows =
        cells.stream().map(row -> row.stream().map(Texts::shown).toList()).toList();
    int[] widths = new int[rows.get(0).size()];
    rows.forEach(row -> widen(widths, row));
    StringBuilder text = new StringBuilder();
    rows.forEach(row -> text.append(line(widths, row)));
    return text.toString();
  }

  /** Makes columns wide enough for one more row. */
  public static void widen(int[] widths, List<String> row) {
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(widths[i], row.get(i).length());
    }
  }

  /** Writes one row of a table with columns that are so wide, but for the last. */
  public static String line(int[] widths, List<String> row) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < widths.length - 1; i++) {
      text.append(row.get(i)).append(" ".repeat(Math.max(0, widths[i] - row.get(i).length()) + 2));
    }
    return text.append(row.get(widths.length - 1)).append('\n').toString();
  }
}
