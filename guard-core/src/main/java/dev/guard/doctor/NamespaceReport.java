package dev.guard.doctor;

import dev.guard.doctor.Namespaces.Namespace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts what was found of one namespace into a finding. */
final class NamespaceReport {
  private final People people;
  private final Patient patient;
  private final Namespace host;
  private final Optional<Namespace> own;

  /**
   * Of namespaces of this host.
   *
   * @param own where guard is itself
   */
  NamespaceReport(Patient patient, Namespace host, Optional<Namespace> own) {
    this.people = new People(new Users(patient.root(), patient.programs()));
    this.patient = patient;
    this.host = host;
    this.own = own;
  }

  /**
   * The finding of one.
   *
   * @param cause what made it; empty for the host's
   */
  Finding finding(Namespace namespace, List<Watched> watched, Optional<Cause> cause)
      throws IOException {
    NamespaceView view = NamespaceView.of(namespace, host, watched, people, patient);
    NamespaceFacts facts = facts(namespace, watched, view, cause);
    List<String> lines = NamespaceLines.of(facts, view, cause, host.key());
    Finding finding =
        cause.isEmpty()
            ? Finding.pass(Check.MOUNTS, "host", count(watched) + " the mounts of process 1")
            : judged(namespace, watched, view, cause.get());
    return finding.with(lines).with(facts);
  }

  private static String count(List<Watched> watched) {
    return watched.size() + (watched.size() == 1 ? " process sees" : " processes see");
  }

  private Finding judged(
      Namespace namespace, List<Watched> watched, NamespaceView view, Cause cause)
      throws IOException {
    Remedy remedy = new NamespaceRemedy(people, patient).of(namespace, cause, watched);
    String subject =
        cause.unit().map(UnitSettings::name).orElse("namespace of process " + watched.get(0).pid());
    String reason = reason(view) + "; " + cause.text();
    return view.drifts() && !cause.isMeant()
        ? Finding.fail(Check.MOUNTS, subject, reason, remedy)
        : Finding.caution(Check.MOUNTS, subject, reason, remedy);
  }

  private static String reason(NamespaceView view) {
    Map<String, List<String>> differences = new LinkedHashMap<>();
    for (Sight sight : view.directories()) {
      if (!sight.isSame()) {
        differences
            .computeIfAbsent(sight.differenceText(), d -> new ArrayList<>())
            .add(sight.path());
      }
    }
    List<String> facts = new ArrayList<>();
    differences.forEach((what, paths) -> facts.add(what + ": " + String.join(", ", paths)));
    for (NamespaceView.Bus bus : view.buses()) {
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
      Namespace namespace, List<Watched> watched, NamespaceView view, Optional<Cause> cause) {
    return new NamespaceFacts(
        namespace.id().map(String::valueOf).orElse(""),
        cause.isEmpty(),
        own.filter(namespace::equals).isPresent(),
        cause.map(Cause::name).orElse(""),
        cause.map(Cause::source).orElse(""),
        cause.map(Cause::directives).orElse(List.of()),
        cause.flatMap(Cause::unit).map(u -> u.unit().name()),
        watched.stream().map(this::process).toList(),
        view.directories().stream().map(NamespaceReport::directory).toList(),
        view.buses().stream().map(NamespaceReport::bus).toList());
  }

  private NamespaceFacts.Member process(Watched w) {
    String manager = w.unit().map(u -> u.user().isPresent() ? "user" : "system").orElse("");
    return new NamespaceFacts.Member(
        w.pid(),
        people.find(w.user()).name(),
        w.why(),
        w.unit().map(Unit::name),
        manager,
        w.cgroup(),
        w.command());
  }

  private static NamespaceFacts.Directory directory(Sight sight) {
    return new NamespaceFacts.Directory(
        sight.path(),
        sight.isWritable(),
        sight.here().map(dev.guard.os.Mount::point).orElse(""),
        sight.differenceText());
  }

  private static NamespaceFacts.Bus bus(NamespaceView.Bus bus) {
    return new NamespaceFacts.Bus(
        bus.user().name(), bus.sight().path(), bus.reason().isEmpty(), bus.reason());
  }
}
