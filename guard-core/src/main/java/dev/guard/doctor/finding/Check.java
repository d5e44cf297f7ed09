package dev.guard.doctor.finding;

import java.util.Locale;

/** What the doctor looks at; findings have its name. */
public enum Check {
  /** The way commands get their cgroup here. */
  DRIVER(Area.CGROUPS),
  /** Whether commands' cgroups can be made below guard's own, or in a scope. */
  BASE(Area.CGROUPS),
  /** Which controllers this user has. */
  DELEGATION(Area.CGROUPS, true),
  /** What the kernel can do. */
  KERNEL(Area.CGROUPS),
  /** What a layer of the receipt would be here. */
  LAYER(Area.CGROUPS),

  /** Whether the service manager of this user answers. */
  MANAGER(Area.SYSTEMD, true),
  /** Whether it stays when the user logs out. */
  LINGER(Area.SYSTEMD, true),
  /** The unit and the slice that guard was called in. */
  UNIT(Area.SYSTEMD),
  /** What a restart of a service does to the sessions in it. */
  KILL_MODE(Area.SYSTEMD, true),

  /** The mounts of processes against those of the host's first process. */
  MOUNTS(Area.NAMESPACES, true),
  /** Whether processes reach their user's bus. */
  BUS(Area.NAMESPACES, true),

  /** Open files of all sessions and commands together. */
  OPEN_FILES(Area.HEADROOM, true),
  /** Tasks of all commands together. */
  TASKS(Area.HEADROOM, true),
  /** Memory of all commands together. */
  MEMORY(Area.HEADROOM),

  /** What nobody owns any more. */
  ORPHANS(Area.LEAKS, true),
  /** Processes that may belong to commands that have ended, and may only have their variable. */
  MARKED(Area.LEAKS),
  /** Processes that have ended and were not waited for. */
  ZOMBIES(Area.LEAKS),
  /** Commands that are close to one of their limits. */
  NEAR_LIMIT(Area.LEAKS),
  /** Processes that are close to their limit of open files. */
  DESCRIPTORS(Area.LEAKS),
  /** Records, cgroups and files of what has ended. */
  STALE(Area.LEAKS, true);

  private final Area area;
  private final boolean scripted;

  Check(Area area) {
    this(area, false);
  }

  Check(Area area, boolean scripted) {
    this.area = area;
    this.scripted = scripted;
  }

  /** Whether a remedy of it can be a script. A test runs those of every check that says so. */
  boolean isScripted() {
    return scripted;
  }

  /** Where it belongs. */
  public Area area() {
    return area;
  }

  /** As in JSON. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
