package dev.guard.doctor.finding;

import java.util.Locale;

/** The doctor can be asked about one of these areas. */
public enum Area {
  /** It says which limits there will be, and why. */
  CGROUPS,
  /** It says what the service managers would do to sessions. */
  SYSTEMD,
  /** It says which processes see another file system than the host's first process. */
  NAMESPACES,
  /** It says whether all limits together fit the machine. */
  HEADROOM,
  /** It says what is left over, or about to run out. */
  LEAKS;

  /** Answers the word for it on the command line. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
