package dev.guard.doctor.namespace;

import dev.guard.command.Commands;
import dev.guard.doctor.finding.Check;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Findings;
import dev.guard.doctor.machine.ExaminedMachine;
import dev.guard.doctor.namespace.Namespaces.Namespace;
import dev.guard.record.CommandRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Examines the area NAMESPACES: there is one finding for each mount namespace in which somebody is.
 */
public final class NamespaceChecks {
  private static final int FIRST = 1;

  private final ExaminedMachine machine;
  private final List<Integer> pids;
  private final GuardedProcesses guarded;

  /** Finds the processes that guards of this user run. */
  interface GuardedProcesses {
    Set<Integer> pids() throws IOException;
  }

  public NamespaceChecks(ExaminedMachine machine, List<Integer> pids) {
    this(machine, pids, NamespaceChecks::ofRecords);
  }

  /**
   * Takes the guarded processes from a given source, for tests: the records of guards are those of
   * this machine.
   */
  NamespaceChecks(ExaminedMachine machine, List<Integer> pids, GuardedProcesses guarded) {
    this.machine = machine;
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

  public List<Finding> findings() throws IOException {
    Namespaces namespaces = new Namespaces(machine.procfs());
    Namespace host =
        namespaces
            .of(FIRST)
            .orElseThrow(() -> new IOException("the mounts of process 1 can not be seen"));
    ProcessFinder watch = new ProcessFinder(machine.procfs(), machine.os().userId());
    List<Finding> findings = new ArrayList<>();
    List<ExaminedProcess> examined =
        pids.isEmpty() ? watch.found(guarded(findings)) : watch.given(pids);
    Map<Namespace, List<ExaminedProcess>> groups = new LinkedHashMap<>();
    for (ExaminedProcess w : examined) {
      try {
        namespaces
            .of(w.pid())
            .ifPresent(n -> groups.computeIfAbsent(n, same -> new ArrayList<>()).add(w));
      } catch (IOException e) {
        findings.add(Findings.unable(Check.MOUNTS, "process " + w.pid(), e));
      }
    }
    watch
        .unreadable()
        .forEach((pid, e) -> findings.add(Findings.unable(Check.MOUNTS, "process " + pid, e)));
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
      problems.add(Findings.unable(Check.MOUNTS, "records of guard", e));
      return Set.of();
    }
  }

  private List<Finding> judged(
      Map<Namespace, List<ExaminedProcess>> groups, Namespaces namespaces, Namespace host)
      throws IOException {
    Map<Namespace, List<ExaminedProcess>> others = new LinkedHashMap<>(groups);
    others.remove(host);
    Map<Namespace, NamespaceCause> causes = new CauseFinder(machine, namespaces, host).of(others);
    NamespaceReport report = new NamespaceReport(machine, host, own(namespaces));
    List<Finding> findings = new ArrayList<>();
    for (Map.Entry<Namespace, List<ExaminedProcess>> group : groups.entrySet()) {
      Optional<NamespaceCause> cause = Optional.ofNullable(causes.get(group.getKey()));
      findings.add(report.finding(group.getKey(), group.getValue(), cause));
    }
    return findings;
  }

  /** Answers the namespace that guard is in itself. */
  private Optional<Namespace> own(Namespaces namespaces) throws IOException {
    return namespaces.of(machine.os().pid());
  }

  private Finding nobody() {
    return pids.isEmpty()
        ? Finding.pass(Check.MOUNTS, "", "no agent, session or guarded process runs")
        : Finding.skipped(Check.MOUNTS, "", "the processes have ended meanwhile");
  }
}
