package dev.guard.doctor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Looks at a machine. Nothing is changed by it: no directory is made, no record is brought to its
 * end, no controller is enabled.
 */
public final class Doctor {
  private final Patient patient;
  private final List<Integer> pids;

  /**
   * The doctor of a machine.
   *
   * @param pids the processes whose namespaces are looked at; none: agents, sessions and what
   *     guards run
   */
  public Doctor(Patient patient, List<Integer> pids) {
    this.patient = patient;
    this.pids = List.copyOf(pids);
  }

  /** The findings of these areas, area by area. An area that can not be looked at is skipped. */
  public List<Finding> examine(Set<Area> areas) {
    List<Finding> findings = new ArrayList<>();
    for (Area area : areas) {
      findings.addAll(examine(area));
    }
    return findings;
  }

  private List<Finding> examine(Area area) {
    try {
      return switch (area) {
        case CGROUPS -> new CgroupChecks(patient).findings();
        case SYSTEMD -> new SystemdChecks(patient).findings();
        case NAMESPACES -> new NamespaceChecks(patient, pids).findings();
        case HEADROOM -> new HeadroomChecks(patient).findings();
        case LEAKS -> new LeakChecks(patient).findings();
      };
    } catch (IOException e) {
      return List.of(unable(area, e));
    }
  }

  /** What can not be looked at is not taken for healthy. */
  private static Finding unable(Area area, IOException e) {
    for (Check check : Check.values()) {
      if (check.area() == area) {
        return Finding.fail(
            check,
            "",
            "could not be looked at: " + (e.getMessage() == null ? e : e.getMessage()),
            new Remedy.Person("Read the reason; run the doctor as root if it is a permission."));
      }
    }
    throw new IllegalStateException("no check in " + area);
  }
}
