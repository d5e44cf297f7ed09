package dev.guard.doctor.namespace;

import dev.guard.doctor.machine.ExaminedMachine;
import dev.guard.doctor.machine.ServiceManagers;
import dev.guard.doctor.machine.SystemdUnit;
import dev.guard.doctor.namespace.Namespaces.Namespace;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds what made the namespaces of processes. */
final class CauseFinder {
  private static final int FIRST = 1;

  private final Procfs procfs;
  private final Namespaces namespaces;
  private final Namespace host;
  private final UnitQuestions questions;

  CauseFinder(ExaminedMachine machine, Namespaces namespaces, Namespace host) {
    this.procfs = machine.procfs();
    this.namespaces = namespaces;
    this.host = host;
    this.questions = new UnitQuestions(new ServiceManagers(machine));
  }

  /**
   * Describes a process in one of the namespaces, whether it is looked at or not.
   *
   * @param units the process's service and, of a unit of a user's manager, the service that this
   *     manager is
   * @param privileged whether the process has the users of the host: one that has made users of its
   *     own may make namespaces without root, and look like anything in them
   */
  private record Inmate(int pid, List<SystemdUnit> units, boolean privileged) {}

  /** Answers what made these namespaces; all managers are asked once. */
  Map<Namespace, NamespaceCause> of(Map<Namespace, List<ExaminedProcess>> groups)
      throws IOException {
    Map<Namespace, List<Inmate>> inmates = inmates(groups.keySet());
    questions.ask(
        inmates.values().stream().flatMap(List::stream).flatMap(i -> i.units().stream()).toList());
    Map<Namespace, NamespaceCause> causes = new HashMap<>();
    groups.forEach(
        (namespace, examined) -> {
          List<Inmate> some = inmates.getOrDefault(namespace, List.of());
          causes.put(namespace, cause(namespace, examined, some));
        });
    return causes;
  }

  private Map<Namespace, List<Inmate>> inmates(Set<Namespace> wanted) throws IOException {
    Map<Namespace, List<Inmate>> inmates = new HashMap<>();
    if (wanted.isEmpty()) {
      return inmates;
    }
    String users = users(FIRST);
    for (int pid : procfs.pids()) {
      try {
        Optional<Namespace> namespace = namespaces.of(pid).filter(wanted::contains);
        if (namespace.isPresent()) {
          List<SystemdUnit> units = units(procfs.text(pid, "cgroup").orElse(""));
          inmates
              .computeIfAbsent(namespace.get(), n -> new ArrayList<>())
              .add(new Inmate(pid, units, users(pid).equals(users)));
        }
      } catch (IOException e) {
        // This process could have told which unit it is: others may, and else the mounts do.
        continue;
      }
    }
    return inmates;
  }

  private String users(int pid) throws IOException {
    return procfs.text(pid, "uid_map").orElse("").strip();
  }

  private static List<SystemdUnit> units(String membership) {
    List<SystemdUnit> units = new ArrayList<>();
    Optional<SystemdUnit> unit = SystemdUnit.ofProcess(membership);
    unit.filter(SystemdUnit::isService).ifPresent(units::add);
    unit.flatMap(UnitSettings::managerOf).ifPresent(units::add);
    return units;
  }

  private NamespaceCause cause(
      Namespace namespace, List<ExaminedProcess> examined, List<Inmate> inmates) {
    Optional<UnitSettings> main = ofMainProcess(inmates);
    if (main.isPresent() && !main.get().directives().isEmpty()) {
      return read(main.get());
    }
    // All processes must be contained: a browser in a session has pid namespaces too.
    if (!examined.isEmpty() && examined.stream().allMatch(ExaminedProcess::contained)) {
      return NamespaceCause.of(NamespaceCause.CauseKind.CONTAINER);
    }
    if (namespace.id().isEmpty() || host.table().has(namespace.id().get())) {
      return NamespaceCause.of(NamespaceCause.CauseKind.CHROOT);
    }
    if (!namespace.table().isLikeSystemds()) {
      return NamespaceCause.of(NamespaceCause.CauseKind.UNSHARE);
    }
    Optional<UnitSettings> left = ofOthers(inmates);
    if (left.isPresent()) {
      return read(left.get());
    }
    return new NamespaceCause(
        main.isPresent() ? NamespaceCause.CauseKind.FORMER : NamespaceCause.CauseKind.DIRECTIVES,
        DirectiveInference.directives(namespace.table(), host.table()),
        main,
        questions.silent(inmates.stream().flatMap(i -> i.units().stream()).toList()));
  }

  private static NamespaceCause read(UnitSettings settings) {
    return new NamespaceCause(
        NamespaceCause.CauseKind.UNIT, settings.lines(), Optional.of(settings), List.of());
  }

  /**
   * Finds a unit whose main process is in the namespace: the unit's settings apply to that process.
   */
  private Optional<UnitSettings> ofMainProcess(List<Inmate> inmates) {
    List<UnitSettings> found =
        questions.answers(inmates.stream().flatMap(i -> i.units().stream()).toList()).stream()
            .filter(s -> inmates.stream().anyMatch(i -> i.pid() == s.mainPid()))
            .toList();
    return found.stream()
        .filter(s -> !s.directives().isEmpty())
        .findFirst()
        .or(() -> found.stream().findFirst());
  }

  /**
   * Finds a unit whose main process has ended or been replaced, and which has other processes in
   * the namespace: the unit has made it unless one of them has by itself, as users do who are root
   * in a namespace of users.
   */
  private Optional<UnitSettings> ofOthers(List<Inmate> inmates) {
    List<SystemdUnit> units =
        inmates.stream()
            .flatMap(i -> i.units().stream().filter(u -> i.privileged() || u.user().isPresent()))
            .toList();
    return questions.answers(units).stream().filter(s -> !s.directives().isEmpty()).findFirst();
  }
}
