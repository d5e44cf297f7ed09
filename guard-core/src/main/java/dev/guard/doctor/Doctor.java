package dev.guard.doctor;

import dev.guard.doctor.cgroup.CgroupChecks;
import dev.guard.doctor.finding.Area;
import dev.guard.doctor.finding.Check;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Findings;
import dev.guard.doctor.headroom.HeadroomChecks;
import dev.guard.doctor.leak.LeakChecks;
import dev.guard.doctor.machine.ExaminedMachine;
import dev.guard.doctor.namespace.NamespaceChecks;
import dev.guard.doctor.systemd.SystemdChecks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Looks at a machine. A look changes nothing: no directory is made, no record is brought to its
 * end, no controller is enabled.
 */
public final class Doctor {
  private final ExaminedMachine machine;
  private final List<Integer> pids;

  /**
   * Makes the doctor of a machine.
   *
   * @param pids the processes whose namespaces are looked at; none: agents, sessions and what
   *     guards run
   */
  public Doctor(ExaminedMachine machine, List<Integer> pids) {
    this.machine = machine;
    this.pids = List.copyOf(pids);
  }

  /**
   * Answers the findings of these areas, area by area. An area that can not be looked at is
   * skipped.
   */
  public List<Finding> examine(Set<Area> areas) {
    List<Finding> findings = new ArrayList<>();
    for (Area area : areas) {
      findings.addAll(examine(area));
    }
    return findings;
  }

  private List<Finding> examine(Area area) {
    return Findings.orUnable(
        first(area),
        () ->
            switch (area) {
              case CGROUPS -> new CgroupChecks(machine).findings();
              case SYSTEMD -> new SystemdChecks(machine).findings();
              case NAMESPACES -> new NamespaceChecks(machine, pids).findings();
              case HEADROOM -> new HeadroomChecks(machine).findings();
              case LEAKS -> new LeakChecks(machine).findings();
              case AGENT -> throw new IllegalArgumentException("no area of the host");
            });
  }

  private static Check first(Area area) {
    return Arrays.stream(Check.values()).filter(c -> c.area() == area).findFirst().orElseThrow();
  }
}
