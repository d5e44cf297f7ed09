package dev.guard.doctor.finding;

import java.util.Locale;

/** What the doctor can be asked about. */
public enum Area {
  /** Which limits there will be, and why. */
  CGROUPS,
  /** The service managers, and what they would do to sessions. */
  SYSTEMD,
  /** Which processes see another file system than the host's first process. */
  NAMESPACES,
  /** Whether all limits together fit the machine. */
  HEADROOM,
  /** What is left over, or about to run out. */
  LEAKS;

  /** As on the command line. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
