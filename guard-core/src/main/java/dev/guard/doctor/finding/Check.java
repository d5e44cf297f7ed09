package dev.guard.doctor.finding;

import java.util.Locale;

/** A check is one thing that the doctor looks at; findings have its name. */
public enum Check {
  /** It names the way commands get their cgroup here. */
  DRIVER(Area.CGROUPS),
  /** It says whether commands' cgroups can be made below guard's own, or in a scope. */
  BASE(Area.CGROUPS),
  /** It says which controllers this user has. */
  DELEGATION(Area.CGROUPS, true),
  /** It says what the kernel can do. */
  KERNEL(Area.CGROUPS),
  /** It says what a layer of the receipt would be here. */
  LAYER(Area.CGROUPS),

  /** It says whether the service manager of this user answers. */
  MANAGER(Area.SYSTEMD, true),
  /** It says whether the manager stays when the user logs out. */
  LINGER(Area.SYSTEMD, true),
  /** It names the unit and the slice that guard was called in. */
  UNIT(Area.SYSTEMD),
  /** It says what a restart of a service does to the sessions in it. */
  KILL_MODE(Area.SYSTEMD, true),

  /** It compares the mounts of processes with those of the host's first process. */
  MOUNTS(Area.NAMESPACES, true),
  /** It says whether processes reach their user's bus. */
  BUS(Area.NAMESPACES, true),

  /** It adds up the open files of all sessions and commands. */
  OPEN_FILES(Area.HEADROOM, true),
  /** It adds up the tasks of all commands. */
  TASKS(Area.HEADROOM, true),
  /** It adds up the memory of all commands. */
  MEMORY(Area.HEADROOM),

  /** It finds what nobody owns any more. */
  ORPHANS(Area.LEAKS, true),
  /**
   * It finds processes that may belong to commands that have ended, or may only have their
   * variable.
   */
  MARKED(Area.LEAKS),
  /** It finds processes that have ended and were not waited for. */
  ZOMBIES(Area.LEAKS),
  /** It finds commands that are close to one of their limits. */
  NEAR_LIMIT(Area.LEAKS),
  /** It finds processes that are close to their limit of open files. */
  DESCRIPTORS(Area.LEAKS),
  /** It finds records, cgroups and files of what has ended. */
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

  /**
   * Answers whether a remedy of it can be a script. A test runs those of every check that says so.
   */
  boolean isScripted() {
    return scripted;
  }

  /** Answers the area that it belongs to. */
  public Area area() {
    return area;
  }

  /** Answers the word for it in JSON. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
