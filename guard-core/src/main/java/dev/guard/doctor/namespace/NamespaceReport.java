package dev.guard.doctor.namespace;

import dev.guard.doctor.finding.Check;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.NamespaceFacts;
import dev.guard.doctor.finding.Remedy;
import dev.guard.doctor.machine.ExaminedMachine;
import dev.guard.doctor.machine.SystemdUnit;
import dev.guard.doctor.machine.Users;
import dev.guard.doctor.namespace.Namespaces.Namespace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts the facts about one namespace into a finding. */
final class NamespaceReport {
  private final ShownUsers users;
  private final ExaminedMachine machine;
  private final Namespace host;
  private final Optional<Namespace> own;

  /**
   * Reports on namespaces of this host.
   *
   * @param own the namespace that guard is in itself
   */
  NamespaceReport(ExaminedMachine machine, Namespace host, Optional<Namespace> own) {
    this.users = new ShownUsers(new Users(machine.root(), machine.programs()));
    this.machine = machine;
    this.host = host;
    this.own = own;
  }

  /**
   * Answers the finding about one namespace.
   *
   * @param cause the maker of the namespace; empty for the host's
   */
  Finding finding(
      Namespace namespace, List<ExaminedProcess> examined, Optional<NamespaceCause> cause)
      throws IOException {
    NamespaceView view = NamespaceView.of(namespace, host, examined, users, machine);
    NamespaceFacts facts = facts(namespace, examined, view, cause);
    List<String> lines = NamespaceLines.of(facts, view, cause, host.key());
    Finding finding =
        cause.isEmpty()
            ? Finding.pass(Check.MOUNTS, "host", count(examined) + " the mounts of process 1")
            : judged(namespace, examined, view, cause.get());
    return finding.with(lines).with(facts);
  }

  private static String count(List<ExaminedProcess> examined) {
    return examined.size() + (examined.size() == 1 ? " process sees" : " processes see");
  }

  private Finding judged(
      Namespace namespace, List<ExaminedProcess> examined, NamespaceView view, NamespaceCause cause)
      throws IOException {
    Remedy remedy = new NamespaceRemedy(users, machine).of(namespace, cause, examined);
    String subject =
        cause
            .unit()
            .map(UnitSettings::name)
            .orElse("namespace of process " + examined.get(0).pid());
    String reason = reason(view) + "; " + cause.text();
    return view.drifts() && !cause.isMeant()
        ? Finding.fail(Check.MOUNTS, subject, reason, remedy)
        : Finding.caution(Check.MOUNTS, subject, reason, remedy);
  }

  private static String reason(NamespaceView view) {
    Map<String, List<String>> differences = new LinkedHashMap<>();
    for (PathComparison compared : view.directories()) {
      if (!compared.isSame()) {
        differences
            .computeIfAbsent(compared.differenceText(), d -> new ArrayList<>())
            .add(compared.path());
      }
    }
    List<String> facts = new ArrayList<>();
    differences.forEach((what, paths) -> facts.add(what + ": " + String.join(", ", paths)));
    for (NamespaceView.BusView bus : view.buses()) {
      if (bus.isHidden()) {
        facts.add("user " + bus.user().name() + " can not reach the user's bus");
      }
    }
    if (facts.isEmpty()) {
      return view.elsewhere().isEmpty()
          ? "mounts of its own, all of them as those of process 1"
          : "mounts of its own, some of them other than those of process 1";
    }
    return String.join("; ", facts);
  }

  private NamespaceFacts facts(
      Namespace namespace,
      List<ExaminedProcess> examined,
      NamespaceView view,
      Optional<NamespaceCause> cause) {
    return new NamespaceFacts(
        namespace.id().map(String::valueOf).orElse(""),
        cause.isEmpty(),
        own.filter(namespace::equals).isPresent(),
        cause.map(NamespaceCause::name).orElse(""),
        cause.map(NamespaceCause::source).orElse(""),
        cause.map(NamespaceCause::directives).orElse(List.of()),
        cause.flatMap(NamespaceCause::unit).map(u -> u.unit().name()),
        examined.stream().map(this::process).toList(),
        view.directories().stream().map(NamespaceReport::directory).toList(),
        view.buses().stream().map(NamespaceReport::bus).toList());
  }

  private NamespaceFacts.SeenProcess process(ExaminedProcess w) {
    String manager = w.unit().map(u -> u.user().isPresent() ? "user" : "system").orElse("");
    return new NamespaceFacts.SeenProcess(
        w.pid(),
        users.find(w.user()).name(),
        w.why(),
        w.unit().map(SystemdUnit::name),
        manager,
        w.cgroup(),
        w.command());
  }

  private static NamespaceFacts.Directory directory(PathComparison compared) {
    return new NamespaceFacts.Directory(
        compared.path(),
        compared.isWritable(),
        compared.here().map(dev.guard.os.Mount::point).orElse(""),
        compared.differenceText());
  }

  private static NamespaceFacts.Bus bus(NamespaceView.BusView bus) {
    return new NamespaceFacts.Bus(
        bus.user().name(), bus.compared().path(), bus.reason().isEmpty(), bus.reason());
  }
}
