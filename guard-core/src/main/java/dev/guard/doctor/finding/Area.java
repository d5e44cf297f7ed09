package dev.guard.doctor.finding;

import java.util.Locale;

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
  LEAKS;

  /** Answers the area's word on the command line. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
