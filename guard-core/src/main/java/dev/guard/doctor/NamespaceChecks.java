package dev.guard.doctor;

import java.io.IOException;
import java.util.List;

/** The area NAMESPACES. */
final class NamespaceChecks {
  private final Patient patient;
  private final List<Integer> pids;

  NamespaceChecks(Patient patient, List<Integer> pids) {
    this.patient = patient;
    this.pids = pids;
  }

  List<Finding> findings() throws IOException {
    return List.of(Finding.skipped(Check.MOUNTS, "", "to be written " + patient.root() + pids));
  }
}
