package dev.guard.os;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Holds a line of /proc/PID/mountinfo, see proc(5).
 *
 * @param id the mount's id, which no other mount has, of whatever namespace
 * @param parent the id of the mount that this one is mounted on
 * @param device major:minor of the file system
 * @param root the directory of the file system that is mounted
 * @param point the directory of the mount, as the process sees it
 * @param shared whether a mount below this one comes to its peers
 * @param slave whether a mount below this one's master comes to it
 * @param type the type of the file system
 * @param readOnly whether this mount is read-only, or its whole file system
 * @param superOptions the options of the file system
 */
public record Mount(
    int id,
    int parent,
    String device,
    String root,
    String point,
    boolean shared,
    boolean slave,
    String type,
    boolean readOnly,
    Set<String> superOptions) {

  /** The number of fields of a line up to the mount's options. */
  private static final int FIXED = 6;

  // A kernel's int of ten digits would not be parsed; ids are given out from 1, the lowest first.
  private static final int DIGITS = 9;

  /** Parses all lines that are of this form, in their order. */
  public static List<Mount> parseAll(String mountinfo) {
    List<Mount> mounts = new ArrayList<>();
    for (String line : mountinfo.lines().toList()) {
      parse(line).ifPresent(mounts::add);
    }
    return mounts;
  }

  /** Parses one line; empty when it is of another form. */
  public static Optional<Mount> parse(String line) {
    // 36 35 98:0 /root /point rw,noatime shared:1 master:1 - ext4 /dev/root rw,errors=continue
    int dash = line.indexOf(" - ");
    if (dash < 0) {
      return Optional.empty();
    }
    List<String> before = Arrays.asList(line.substring(0, dash).split(" ", -1));
    String[] after = line.substring(dash + 3).split(" ", -1);
    if (before.size() < FIXED || !isNumber(before.get(0)) || !isNumber(before.get(1))) {
      return Optional.empty();
    }
    Set<String> superOptions = set(after[after.length - 1]);
    List<String> tags = before.subList(FIXED, before.size());
    return Optional.of(
        new Mount(
            Integer.parseInt(before.get(0)),
            Integer.parseInt(before.get(1)),
            before.get(2),
            unescape(before.get(3)),
            unescape(before.get(4)),
            has(tags, "shared:"),
            has(tags, "master:"),
            after[0],
            superOptions.contains("ro") || set(before.get(5)).contains("ro"),
            superOptions));
  }

  private static boolean has(List<String> tags, String prefix) {
    for (String tag : tags) {
      if (tag.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isNumber(String field) {
    // Without a regular expression: every start of guard reads these lines.
    for (int i = 0; i < field.length(); i++) {
      if (field.charAt(i) < '0' || field.charAt(i) > '9') {
        return false;
      }
    }
    return !field.isEmpty() && field.length() <= DIGITS;
  }

  private static Set<String> set(String options) {
    return new HashSet<>(Arrays.asList(options.split(",", -1)));
  }

  /**
   * Replaces characters that are written as three octal digits: space, tab, newline, backslash, see
   * proc(5).
   */
  private static String unescape(String field) {
    return field
        .replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }
}
