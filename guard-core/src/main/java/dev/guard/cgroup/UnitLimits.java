package dev.guard.cgroup;

import dev.guard.systemd.UnitProperty;
import java.util.ArrayList;
import java.util.List;

/** Tells a service manager the limits of a unit, see systemd.resource-control(5). */
final class UnitLimits {
  private static final long SECOND_MICROS = 1_000_000;

  private UnitLimits() {}

  /** Lists them as properties of a call by D-Bus. */
  static List<UnitProperty> properties(CgroupLimits limits) {
    List<UnitProperty> properties = new ArrayList<>();
    properties.add(UnitProperty.number("TasksMax", limits.tasks().orElse(UnitProperty.INFINITY)));
    limits.memory().ifPresent(bytes -> properties.add(UnitProperty.number("MemoryMax", bytes)));
    limits.memory().ifPresent(bytes -> properties.add(UnitProperty.number("MemorySwapMax", 0)));
    limits
        .cores()
        .ifPresent(
            cores ->
                properties.add(
                    UnitProperty.number(
                        "CPUQuotaPerSecUSec", Math.max(1, Math.round(cores * SECOND_MICROS)))));
    return properties;
  }

  /** Lists them as words of systemd-run(1). */
  static List<String> words(CgroupLimits limits) {
    List<String> words = new ArrayList<>();
    words.add("TasksMax=" + limits.tasks().map(String::valueOf).orElse("infinity"));
    if (limits.memory().isPresent()) {
      words.add("MemoryMax=" + limits.memory().get());
      words.add("MemorySwapMax=0");
    }
    if (limits.cores().isPresent()) {
      words.add("CPUQuota=" + (long) Math.max(1, Math.ceil(limits.cores().get() * 100)) + "%");
    }
    return words;
  }
}
