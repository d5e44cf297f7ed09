package dev.guard.doctor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
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
      return List.of(unable(first(area), e));
    }
  }

  /** One check of an area. */
  @FunctionalInterface
  interface Looking {
    List<Finding> findings() throws IOException;
  }

  /** Makes one check, so that what it can not look at does not hide the others. */
  static List<Finding> look(Check check, Looking looking) {
    try {
      return looking.findings();
    } catch (IOException e) {
      return List.of(unable(check, e));
    }
  }

  /** What can not be looked at is not taken for healthy. */
  private static Finding unable(Check check, IOException e) {
    return Finding.fail(
        check,
        "",
        "could not be looked at: " + (e.getMessage() == null ? e : e.getMessage()),
        new Remedy.Person(
            "Read the reason; a permission that is missing is for root of the host to give."));
  }

  private static Check first(Area area) {
    return Arrays.stream(Check.values()).filter(c -> c.area() == area).findFirst().orElseThrow();
  }
}
