package dev.guard.doctor;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A unit of systemd.
 *
 * @param user whose manager has it; empty: the system's
 * @param name e.g. agent.service; of characters that need no quotes, and no option
 */
record UnitName(OptionalInt user, String name) implements Comparable<UnitName> {
  private static final Pattern VALID =
      Pattern.compile(
          "[A-Za-z0-9:_.\\\\@][A-Za-z0-9:_.\\\\@-]{0,240}\\.(service|scope|socket|mount)");
  private static final Pattern USER_MANAGER = Pattern.compile("user@([0-9]+)\\.service");

  static UnitName ofSystem(String name) {
    return new UnitName(OptionalInt.empty(), name);
  }

  /** The unit that a user's manager is, for the system's manager. */
  static UnitName managerOf(int user) {
    return ofSystem("user@" + Integer.toUnsignedString(user) + ".service");
  }

  /**
   * The unit of a process, by where systemd has put it. Only the system's manager makes cgroups
   * below the slices at the top, and there only the first name below them is a unit of its: what is
   * further down has been made by whoever was given the unit, and may be called like any other one.
   * So it is with a user's manager and what is below its own top.
   *
   * @param cgroup /proc/PID/cgroup
   */
  static Optional<UnitName> of(String cgroup) {
    List<String> path = afterSlices(names(path(cgroup)));
    if (path.isEmpty() || !VALID.matcher(path.get(0)).matches()) {
      return Optional.empty();
    }
    Matcher manager = USER_MANAGER.matcher(path.get(0));
    OptionalInt user = manager.matches() ? Users.number(manager.group(1)) : OptionalInt.empty();
    if (user.isEmpty()) {
      return Optional.of(ofSystem(path.get(0)));
    }
    List<String> below = afterSlices(path.subList(1, path.size()));
    // init.scope is where a manager has itself.
    if (below.isEmpty() || below.get(0).equals("init.scope")) {
      return Optional.of(ofSystem(path.get(0)));
    }
    return VALID.matcher(below.get(0)).matches()
        ? Optional.of(new UnitName(user, below.get(0)))
        : Optional.empty();
  }

  private static List<String> afterSlices(List<String> path) {
    int i = 0;
    while (i < path.size() && path.get(i).endsWith(".slice")) {
      i++;
    }
    return path.subList(i, path.size());
  }

  /**
   * The path in the hierarchy that systemd uses: on v1 and hybrid hosts a named one.
   *
   * @param cgroup /proc/PID/cgroup
   */
  static String path(String cgroup) {
    String path = "";
    for (String line : cgroup.lines().toList()) {
      String[] f = line.split(":", 3);
      if (f.length == 3 && f[1].equals("name=systemd")) {
        return f[2];
      }
      if (f.length == 3 && f[0].equals("0")) {
        path = f[2];
      }
    }
    return path;
  }

  private static List<String> names(String path) {
    return Arrays.stream(path.split("/", -1)).filter(name -> !name.isEmpty()).toList();
  }

  boolean isService() {
    return name.endsWith(".service");
  }

  /** Whether ending this one ends that one too: a user's manager has all of the user's units. */
  boolean includes(UnitName other) {
    return equals(other)
        || (user.isEmpty() && other.user.isPresent() && equals(managerOf(other.user.getAsInt())));
  }

  @Override
  public int compareTo(UnitName other) {
    return toString().compareTo(other.toString());
  }

  /** For people. */
  @Override
  public String toString() {
    return user.isPresent() ? name + " of user " + Integer.toUnsignedString(user.getAsInt()) : name;
  }
}
