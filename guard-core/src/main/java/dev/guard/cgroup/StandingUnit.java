package dev.guard.cgroup;

import dev.guard.systemd.UnitProperty;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Plans a service that stands for the commands of callers whose own unit has no room for them: it
 * is delegated, and one process keeps it.
 *
 * @param user whose manager has it; root's is the system's
 * @param mountPoint where cgroups are mounted
 * @param slice the slice that the caller is in, too; empty: the manager's usual one
 * @param left the cgroups of the caller that the service is not below, the deepest one first
 * @param copied the limits of these, which the service has, too
 */
public record StandingUnit(
    int user, Path mountPoint, Optional<String> slice, List<Path> left, CgroupLimits copied) {
  static final String PREFIX = "guard-commands";
  private static final String SUFFIX = ".service";

  /**
   * Names the service. Callers have the same one where they are in the same slice; with limits to
   * copy, only those of one unit, while it has these limits.
   */
  public String name() {
    String key = slice.orElse("");
    if (hasLimits()) {
      key += "\n" + unit() + "\n" + copied;
    }
    return key.isEmpty() ? PREFIX + SUFFIX : PREFIX + "-" + digest(key) + SUFFIX;
  }

  private static String digest(String key) {
    return UUID.nameUUIDFromBytes(key.getBytes(StandardCharsets.UTF_8))
        .toString()
        .replace("-", "")
        .substring(0, 16);
  }

  /** Tells whether the service has a limit of its caller's. */
  public boolean hasLimits() {
    return !copied.controllers().isEmpty();
  }

  /** Names the caller's unit, whose processes share the limits. */
  Path unit() {
    Path unit = mountPoint;
    for (Path cgroup : left) {
      if (!cgroup.toString().endsWith(".slice")) {
        unit = cgroup;
      }
    }
    return unit;
  }

  /**
   * Lists its properties.
   *
   * @param holder the program that keeps the service
   */
  List<UnitProperty> properties(List<String> holder) {
    List<UnitProperty> properties = new ArrayList<>();
    properties.add(UnitProperty.text("Description", "Room for commands of guard"));
    properties.add(UnitProperty.text("Type", "exec"));
    properties.add(UnitProperty.program("ExecStart", holder));
    // So it has a kill for memory be nothing to the other commands, too, see OOMPolicy=.
    properties.add(UnitProperty.flag("Delegate", true));
    properties.add(UnitProperty.text("CollectMode", "inactive-or-failed"));
    slice.ifPresent(s -> properties.add(UnitProperty.text("Slice", s)));
    properties.addAll(UnitLimits.properties(copied));
    return properties;
  }
}
