package dev.guard.doctor.finding;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** Names the areas that the doctor can be asked about. */
public enum Area {
  /** The area CGROUPS says which limits there will be, and why. */
  CGROUPS,
  /** The area SYSTEMD says how the service managers would treat sessions. */
  SYSTEMD,
  /**
   * The area NAMESPACES says which processes see another file system than the host's first process.
   */
  NAMESPACES,
  /** The area HEADROOM says whether all limits together fit the machine. */
  HEADROOM,
  /** The area LEAKS says what is left over, or about to run out. */
  LEAKS,
  /** The area AGENT says whether what an agent starts is under Guard; the agent is run for that. */
  AGENT;

  /** The areas that only look at the host. */
  public static final Set<Area> OF_HOST =
      Collections.unmodifiableSet(EnumSet.complementOf(EnumSet.of(AGENT)));

  /** Answers the area's word on the command line. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
