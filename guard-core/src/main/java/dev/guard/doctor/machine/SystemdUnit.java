package dev.guard.doctor.machine;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A unit of systemd is what a cgroup belongs to, by its path, see systemd's CGROUP_DELEGATION: the
 * first component that is no slice. The unit itself names everything below that, also an
 * unprivileged user's, so nothing there is believed, but for what a user's manager has made below
 * its own service: that is a unit of that manager, and no more.
 *
 * @param name the unit's name with its suffix, e.g. {@code ssh.service}
 * @param slice the innermost slice above the unit, of the same manager; {@code -.slice} is the top
 * @param user the user whose manager has the unit; empty: the system's
 */
public record SystemdUnit(String name, String slice, Optional<Integer> user) {
  private static final String TOP = "-.slice";
  private static final String SLICE = ".slice";
  private static final long LAST_USER = 0xffff_fffeL;
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9:_.\\\\@-]{1,240}\\.(service|scope|socket|mount|swap)");
  private static final Pattern MANAGER = Pattern.compile("user@([0-9]{1,10})\\.service");
  private static final Pattern OF_SLICE = Pattern.compile("[A-Za-z0-9:_.\\\\@-]{1,240}\\.slice");

  /**
   * Answers the unit of a path as in /proc/PID/cgroup.
   *
   * @return empty where the path is not in a unit
   */
  static Optional<SystemdUnit> of(String cgroupPath) {
    if (!cgroupPath.startsWith("/")) {
      return Optional.empty();
    }
    Iterator<String> names = Arrays.asList(cgroupPath.substring(1).split("/", -1)).iterator();
    Optional<SystemdUnit> ofSystem = next(names, Optional.empty());
    if (ofSystem.isEmpty()) {
      return ofSystem;
    }
    Matcher manager = MANAGER.matcher(ofSystem.get().name());
    if (!manager.matches() || !names.hasNext()) {
      return ofSystem;
    }
    long user = Long.parseLong(manager.group(1));
    // A unit that the manager has for itself, as init.scope, is a unit of it as well.
    return user > LAST_USER ? ofSystem : next(names, Optional.of((int) user)).or(() -> ofSystem);
  }

  /** Answers the unit of a process, by its /proc/PID/cgroup, in the hierarchy that systemd uses. */
  public static Optional<SystemdUnit> ofProcess(String membership) {
    List<String> lines = membership.lines().toList();
    return path(lines, ":name=systemd:").or(() -> path(lines, "0::")).flatMap(SystemdUnit::of);
  }

  private static Optional<String> path(List<String> lines, String hierarchy) {
    return lines.stream()
        .filter(l -> l.startsWith(hierarchy) || l.replaceFirst("^\\d+", "").startsWith(hierarchy))
        .map(l -> l.substring(l.indexOf(':', l.indexOf(':') + 1) + 1))
        .findFirst();
  }

  private static Optional<SystemdUnit> next(Iterator<String> names, Optional<Integer> user) {
    String slice = TOP;
    while (names.hasNext()) {
      // Systemd puts an underscore before a name that could be a file of the kernel's.
      String name = names.next().replaceFirst("^_", "");
      if (OF_SLICE.matcher(name).matches() && isBelow(slice, name)) {
        slice = name;
      } else {
        return NAME.matcher(name).matches()
            ? Optional.of(new SystemdUnit(name, slice, user))
            : Optional.empty();
      }
    }
    return Optional.empty();
  }

  /**
   * Answers whether a slice is below another one, as its name says: a-b.slice is below a.slice, see
   * systemd.slice(5).
   */
  private static boolean isBelow(String parent, String slice) {
    String prefix = parent.equals(TOP) ? "" : parent.replaceFirst("\\.slice$", "-");
    String rest = slice.startsWith(prefix) ? slice.substring(prefix.length()) : "";
    return rest.length() > SLICE.length() && rest.indexOf('-') < 0;
  }

  public boolean isService() {
    return name.endsWith(".service");
  }
}
