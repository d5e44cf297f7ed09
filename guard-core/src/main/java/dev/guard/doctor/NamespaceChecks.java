package dev.guard.doctor;

import dev.guard.command.Commands;
import dev.guard.doctor.Namespaces.Namespace;
import dev.guard.record.CommandRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The area NAMESPACES: one finding for each mount namespace in which somebody is. */
final class NamespaceChecks {
  private static final int FIRST = 1;

  private final Patient patient;
  private final List<Integer> pids;
  private final Known guarded;

  /** Finds the processes that guards of this user run. */
  interface Known {
    Set<Integer> pids() throws IOException;
  }

  NamespaceChecks(Patient patient, List<Integer> pids) {
    this(patient, pids, NamespaceChecks::ofRecords);
  }

  /** For tests: the records of guards are those of this machine. */
  NamespaceChecks(Patient patient, List<Integer> pids, Known guarded) {
    this.patient = patient;
    this.pids = pids;
    this.guarded = guarded;
  }

  private static Set<Integer> ofRecords() throws IOException {
    Commands commands = Commands.toLookAt();
    Set<Integer> pids = new TreeSet<>();
    for (CommandRecord record : commands.present().records()) {
      pids.addAll(commands.processes(record));
    }
    return pids;
  }

  List<Finding> findings() throws IOException {
    Namespaces namespaces = new Namespaces(patient.procfs());
    Namespace host =
        namespaces
            .of(FIRST)
            .orElseThrow(() -> new IOException("the mounts of process 1 can not be seen"));
    Watch watch = new Watch(patient.procfs(), patient.os().userId());
    List<Finding> findings = new ArrayList<>();
    List<Watched> watched = pids.isEmpty() ? watch.found(guarded(findings)) : watch.given(pids);
    Map<Namespace, List<Watched>> groups = new LinkedHashMap<>();
    for (Watched w : watched) {
      try {
        namespaces
            .of(w.pid())
            .ifPresent(n -> groups.computeIfAbsent(n, same -> new ArrayList<>()).add(w));
      } catch (IOException e) {
        findings.add(unreadable("process " + w.pid(), e));
      }
    }
    watch.unreadable().forEach((pid, e) -> findings.add(unreadable("process " + pid, e)));
    if (groups.isEmpty() && findings.isEmpty()) {
      return List.of(nobody());
    }
    findings.addAll(0, judged(groups, namespaces, host));
    return findings;
  }

  private Set<Integer> guarded(List<Finding> problems) {
    try {
      return guarded.pids();
    } catch (IOException e) {
      problems.add(unreadable("records of guard", e));
      return Set.of();
    }
  }

  private List<Finding> judged(
      Map<Namespace, List<Watched>> groups, Namespaces namespaces, Namespace host)
      throws IOException {
    Map<Namespace, List<Watched>> others = new LinkedHashMap<>(groups);
    others.remove(host);
    Map<Namespace, Cause> causes = new Causes(patient, namespaces, host).of(others);
    NamespaceReport report = new NamespaceReport(patient, host, own(namespaces));
    List<Finding> findings = new ArrayList<>();
    for (Map.Entry<Namespace, List<Watched>> group : groups.entrySet()) {
      Optional<Cause> cause = Optional.ofNullable(causes.get(group.getKey()));
      findings.add(report.finding(group.getKey(), group.getValue(), cause));
    }
    return findings;
  }

  /** Where guard is itself. */
  private Optional<Namespace> own(Namespaces namespaces) throws IOException {
    return namespaces.of(patient.os().pid());
  }

  private Finding nobody() {
    return pids.isEmpty()
        ? Finding.pass(Check.MOUNTS, "", "no agent, session or guarded process runs")
        : Finding.skipped(Check.MOUNTS, "", "the processes have ended meanwhile");
  }

  private static Finding unreadable(String what, IOException e) {
    return Finding.fail(
        Check.MOUNTS,
        what,
        "could not be looked at: " + (e.getMessage() == null ? e : e.getMessage()),
        new Remedy.Person(
            "Read the reason; a permission that is missing is for root of the host to give."));
  }
}
