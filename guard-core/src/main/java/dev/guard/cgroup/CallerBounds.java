package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import dev.guard.systemd.UnitManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells whether the cgroups that a caller's commands would leave have bounds that can not be copied
 * as limits of tasks, memory and processor time can.
 */
final class CallerBounds {
  // Programs of the kernel that a unit has attached, which no file of a cgroup shows.
  private static final List<String> PROPERTIES =
      List.of(
          "IPAddressAllow",
          "IPAddressDeny",
          "IPIngressFilterPath",
          "IPEgressFilterPath",
          "BPFProgram",
          "DeviceAllow",
          "DevicePolicy",
          "SocketBindAllow",
          "SocketBindDeny",
          "RestrictNetworkInterfaces",
          "RestrictFileSystems",
          "NFTSet");
  private static final Map<String, String> FILES =
      Map.of(
          "memory.high", "max",
          "memory.swap.max", "max",
          "memory.zswap.max", "max",
          "io.max", "",
          "cpuset.cpus", "",
          "cpuset.mems", "");
  // A command that had begun so long ago would be as free of a new bound.
  private static final long FRESH_NANOS = 1_000_000_000L;
  private static final int MOST_LOOKS = 256;

  private final Cgroupfs fs;
  private final UnitManager own;
  private final UnitManager system;
  private final Map<Path, Look> looks = new ConcurrentHashMap<>();

  /** Keeps what a manager has said of a unit, and when. */
  private record Look(Optional<String> bound, long at) {}

  /**
   * Asks these managers.
   *
   * @param own the manager of the user who makes the units
   * @param system the system's
   */
  CallerBounds(Cgroupfs fs, UnitManager own, UnitManager system) {
    this.fs = fs;
    this.own = own;
    this.system = system;
  }

  /**
   * Finds one that is in the way.
   *
   * @throws IOException when a manager does not say
   */
  Optional<String> find(StandingUnit unit) throws IOException {
    for (Path cgroup : unit.left()) {
      Optional<String> bound = inFiles(cgroup, unit.copied());
      bound = bound.isPresent() ? bound : ofUnit(cgroup, unit);
      if (bound.isPresent()) {
        return bound;
      }
    }
    return Optional.empty();
  }

  void rest() {
    system.rest();
  }

  private Optional<String> inFiles(Path cgroup, CgroupLimits copied) throws IOException {
    for (Map.Entry<String, String> file : FILES.entrySet()) {
      // Where memory is limited, the copy has no swap at all.
      boolean isCovered = file.getKey().contains("swap") && copied.memory().isPresent();
      if (!isCovered && fs.has(cgroup, file.getKey())) {
        String text = fs.read(cgroup, file.getKey()).strip();
        if (!text.equals(file.getValue())) {
          return Optional.of(cgroup.resolve(file.getKey()) + " " + text);
        }
      }
    }
    return Optional.empty();
  }

  private Optional<String> ofUnit(Path cgroup, StandingUnit unit) throws IOException {
    if (!isUnit(cgroup)) {
      return Optional.empty();
    }
    Look look = looks.get(cgroup);
    long now = System.nanoTime();
    if (look == null || now - look.at() > FRESH_NANOS) {
      look = new Look(ask(cgroup, unit), now);
      if (looks.size() >= MOST_LOOKS) {
        looks.clear();
      }
      looks.put(cgroup, look);
    }
    return look.bound();
  }

  private static boolean isUnit(Path cgroup) {
    return Systemd.isUnit(cgroup) || cgroup.toString().endsWith(".slice");
  }

  private Optional<String> ask(Path cgroup, StandingUnit unit) throws IOException {
    Optional<String> manager = managerAbove(cgroup, unit.mountPoint());
    boolean isOwn = manager.isPresent() && manager.get().equals("user@" + unit.user() + ".service");
    if (manager.isPresent() && !isOwn) {
      return Optional.of(cgroup + " is of another user's service manager");
    }
    String file = cgroup.getFileName().toString();
    // See cg_escape() of systemd.
    String name = file.startsWith("_") ? file.substring(1) : file;
    Map<String, Object> properties = (isOwn ? own : system).properties(name);
    String place = "/" + unit.mountPoint().relativize(cgroup);
    if (!place.equals(properties.get("ControlGroup"))) {
      return Optional.of(cgroup + " is not the cgroup of " + name);
    }
    for (String property : PROPERTIES) {
      if (isSet(properties.get(property))) {
        return Optional.of(name + " has " + property);
      }
    }
    return Optional.empty();
  }

  /** Names the service of the user's manager that has the unit; empty: the system's has it. */
  private static Optional<String> managerAbove(Path cgroup, Path mountPoint) {
    for (Path p = cgroup.getParent(); p.startsWith(mountPoint); p = p.getParent()) {
      String name = p.equals(mountPoint) ? "" : p.getFileName().toString();
      if (name.startsWith("user@") && name.endsWith(".service")) {
        return Optional.of(name);
      }
    }
    return Optional.empty();
  }

  /** Tells whether a value says something: all of these are lists or words, see systemd.unit(5). */
  private static boolean isSet(Object value) {
    if (value instanceof List<?> list) {
      return list.stream().anyMatch(CallerBounds::isSet);
    }
    if (value instanceof String text) {
      return !text.isEmpty() && !text.equals("auto");
    }
    return value instanceof Long;
  }
}
