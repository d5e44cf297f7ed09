package dev.guard.admission;

import dev.guard.admission.BudgetState.DamagedBudgetException;
import dev.guard.os.ProcessId;
import dev.guard.process.Member;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Holds a place that is taken, as the line that stands for it: {@code place ID OWNER START MARKS
 * =OUTER}, and once the command is held {@code MAIN START ADOPTER LIFELINE CGROUP...}.
 *
 * <p>A budget may have many: a line is copied as it is, and split once, when it is looked into.
 */
final class PlaceLine {
  static final String WORD = "place ";
  private static final int OWNER = 2;
  private static final int MARKS = 4;
  private static final int OUTER = 5;
  private static final int MAIN = 6;
  private static final int CGROUPS = 10;

  // The marks of a place are bits.
  private static final int LINGERS = 1;
  private static final int IN_RESERVE = 2;

  private static final String ID = "[0-9A-Za-z]{1,16}";
  private static final Pattern WORD_FORM = Pattern.compile(ID);

  /** Matches the line of a place; a path in it has no white space, since it is encoded. */
  private static final Pattern FORM =
      Pattern.compile(
          "place ID \\d{1,9} \\d{1,18} [0-3] =(\\??ID)?( -?\\d{1,9} \\d{1,18} \\d{1,9} \\d{1,9}( /\\S*+)*)?"
              .replace("ID", ID));

  private final String line;
  private String[] words;

  /**
   * Takes the line of a place as it is written.
   *
   * @throws DamagedBudgetException when no guard writes such a line
   */
  PlaceLine(String line) {
    if (!FORM.matcher(line).matches()) {
      throw DamagedBudgetException.of(line);
    }
    this.line = line;
  }

  /** Tells whether a text can stand for the id of a command in such a line. */
  static boolean isWord(String text) {
    return WORD_FORM.matcher(text).matches();
  }

  String line() {
    return line;
  }

  /** Makes the line of a place that was just taken. */
  static PlaceLine of(String command, ProcessId owner, boolean inReserve, String outer) {
    String of = command + " " + owner.pid() + " " + owner.startTicks();
    return new PlaceLine(WORD + of + " " + (inReserve ? IN_RESERVE : 0) + " =" + outer);
  }

  /** Makes the line of a place whose processes are known. */
  PlaceLine with(Member m) {
    StringBuilder text = new StringBuilder();
    text.append(String.join(" ", Arrays.asList(words()).subList(0, MAIN)));
    for (long number : new long[] {m.main(), m.mainStart(), m.adopter(), m.lifeline()}) {
      text.append(' ').append(number);
    }
    m.cgroups().forEach(d -> text.append(' ').append(encode(d.toString())));
    return new PlaceLine(text.toString());
  }

  /** Makes the line of a place that lasts only as long as its command's processes. */
  PlaceLine lingering() {
    String[] changed = words().clone();
    changed[MARKS] = Long.toString(number(MARKS) | LINGERS);
    return new PlaceLine(String.join(" ", changed));
  }

  String command() {
    return line.substring(WORD.length(), line.indexOf(' ', WORD.length()));
  }

  ProcessId owner() {
    return new ProcessId((int) number(OWNER), number(OWNER + 1));
  }

  /** Answers the id of the command that this one is a part of, or empty. */
  String outer() {
    return words()[OUTER].substring(1);
  }

  boolean lingers() {
    return (number(MARKS) & LINGERS) != 0;
  }

  /** Tells whether the place is the reserve of a full budget. */
  boolean isInReserve() {
    return (number(MARKS) & IN_RESERVE) != 0;
  }

  /** Answers where the command's processes are; empty until it is held. */
  Optional<Member> member() throws IOException {
    if (!isHeld()) {
      return Optional.empty();
    }
    List<Path> cgroups = new ArrayList<>();
    for (int i = CGROUPS; i < words.length; i++) {
      cgroups.add(path(words[i]));
    }
    return Optional.of(
        new Member(
            words[1],
            (int) number(MAIN),
            number(MAIN + 1),
            (int) number(MAIN + 2),
            (int) number(MAIN + 3),
            cgroups));
  }

  /** Tells whether it is known where the command's processes are. */
  boolean isHeld() {
    return words().length > MAIN;
  }

  /**
   * Names the directory above the command's first cgroup, still encoded; empty when it has none.
   */
  String parent() {
    return words().length <= CGROUPS
        ? ""
        : words[CGROUPS].substring(0, Math.max(0, words[CGROUPS].lastIndexOf('/')));
  }

  private String[] words() {
    if (words == null) {
      words = line.split(" ", -1);
    }
    return words;
  }

  private long number(int at) {
    return Long.parseLong(words()[at]);
  }

  private static String encode(String path) {
    return URLEncoder.encode(path, StandardCharsets.UTF_8).replace("%2F", "/");
  }

  /** Decodes the path that a word stands for. */
  static Path path(String word) throws IOException {
    String text;
    try {
      text = URLDecoder.decode(word, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw DamagedBudgetException.of(word);
    }
    if (!text.startsWith("/") || text.indexOf('\0') >= 0) {
      throw DamagedBudgetException.of(word);
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IOException(
          "cgroup " + word + " has no name in this locale; set LC_ALL=C.UTF-8", e);
    }
  }
}
