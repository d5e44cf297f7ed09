package dev.guard.doctor.finding;

import java.util.Locale;

/** A check is one thing that the doctor looks at; findings have its name. */
public enum Check {
  /** This check names the way in which commands get their cgroup here. */
  DRIVER(Area.CGROUPS),
  /** This check says whether commands' cgroups can be made below guard's own, or in a scope. */
  BASE(Area.CGROUPS),
  /** This check says which controllers this user has. */
  DELEGATION(Area.CGROUPS, true),
  /** This check says which means the kernel has. */
  KERNEL(Area.CGROUPS),
  /** This check says how a layer of the receipt would be here. */
  LAYER(Area.CGROUPS),

  /** This check says whether the service manager of this user answers. */
  MANAGER(Area.SYSTEMD, true),
  /** This check says whether the manager stays when the user logs out. */
  LINGER(Area.SYSTEMD, true),
  /** This check names the unit and the slice that guard was called in. */
  UNIT(Area.SYSTEMD),
  /** This check says how a restart of a service affects the sessions in it. */
  KILL_MODE(Area.SYSTEMD, true),

  /** This check compares the mounts of processes with those of the host's first process. */
  MOUNTS(Area.NAMESPACES, true),
  /** This check says whether processes reach their user's bus. */
  BUS(Area.NAMESPACES, true),

  /** This check adds up the open files of all sessions and commands. */
  OPEN_FILES(Area.HEADROOM, true),
  /** This check adds up the tasks of all commands. */
  TASKS(Area.HEADROOM, true),
  /** This check adds up the memory of all commands. */
  MEMORY(Area.HEADROOM),

  /** This check finds what nobody owns any more. */
  ORPHANS(Area.LEAKS, true),
  /**
   * This check finds processes that may belong to commands that have ended, or may only have their
   * variable.
   */
  MARKED(Area.LEAKS),
  /** This check finds processes that have ended and were not waited for. */
  ZOMBIES(Area.LEAKS),
  /** This check finds commands that are close to one of their limits. */
  NEAR_LIMIT(Area.LEAKS),
  /** This check finds processes that are close to their limit of open files. */
  DESCRIPTORS(Area.LEAKS),
  /** This check finds records, cgroups and files of commands that have ended. */
  STALE(Area.LEAKS, true),

  /** This check says which version of an agent is installed, and which was tried. */
  VERSION(Area.AGENT),
  /** This check says whether the files of an agent's user have what setup puts into them. */
  SETUP(Area.AGENT),
  /** This check finds processes that serve an agent and were started outside Guard. */
  DAEMON(Area.AGENT),
  /** This check says which settings the agent was run with. */
  SETTINGS(Area.AGENT),
  /** This check says whether the agent talked to the model, and ended well. */
  RUN(Area.AGENT),
  /** This check says whether a command of the agent is in Guard's history. */
  COMMAND(Area.AGENT),
  /** This check says what the receipt of that command has of a layer. */
  RECEIPT(Area.AGENT),
  /** This check says whether processes that a command has left behind live. */
  LEFTOVERS(Area.AGENT),
  /** This check says whether a command lives that the agent has ended for its own timeout. */
  OWN_TIMEOUT(Area.AGENT),
  /** This check says whether a command that the agent's rules deny was run. */
  DENY_RULE(Area.AGENT),
  /** This check says whether a hook changes commands before they run. */
  HOOK(Area.AGENT),
  /** This check says whether commands are under Guard in a mode of the agent's own sandbox. */
  SANDBOX(Area.AGENT),
  /** This check compares the time of a command with and without Guard. */
  LATENCY(Area.AGENT);

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
   * Answers whether a remedy of the check can be a script. A test runs those of every check that
   * says so.
   */
  boolean isScripted() {
    return scripted;
  }

  /** Answers the area that the check belongs to. */
  public Area area() {
    return area;
  }

  /** Answers the check's word in JSON. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
