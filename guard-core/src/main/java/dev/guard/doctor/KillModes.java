package dev.guard.doctor;

import dev.guard.doctor.SessionProcesses.Session;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a restart does to the sessions in a service: its KillMode, see systemd.kill(5). */
final class KillModes {
  private static final String MODE = "KillMode";
  private static final String DROP_IN = "zz-guard-killmode.conf";
  private static final String TRUTH =
      "mixed sends TERM to the main process alone, and still SIGKILL to all that is left in the"
          + " cgroup; what outlives a restart is in a scope of its own: guard session start";

  private final Patient patient;
  private final Managers managers;

  KillModes(Patient patient) {
    this.patient = patient;
    this.managers = new Managers(patient);
  }

  List<Finding> findings(List<Session> sessions) throws IOException {
    Map<Unit, List<Session>> services = new LinkedHashMap<>();
    for (Session session : sessions) {
      session
          .unit()
          .filter(Unit::isService)
          .ifPresent(u -> services.computeIfAbsent(u, x -> new ArrayList<>()).add(session));
    }
    List<Finding> findings = new ArrayList<>();
    for (Optional<Integer> user : services.keySet().stream().map(Unit::user).distinct().toList()) {
      List<Unit> units = services.keySet().stream().filter(u -> u.user().equals(user)).toList();
      findings.addAll(Doctor.look(Check.KILL_MODE, () -> judge(user, units, services)));
    }
    return findings.isEmpty()
        ? List.of(
            Finding.pass(
                Check.KILL_MODE,
                "",
                "of " + sessions.size() + " sessions none is in the cgroup of a service"))
        : findings;
  }

  private List<Finding> judge(
      Optional<Integer> user, List<Unit> units, Map<Unit, List<Session>> services)
      throws IOException {
    List<String> names = units.stream().map(Unit::name).toList();
    Map<String, Map<String, String>> shown =
        managers.show(
            user, List.of(MODE, "LoadState", "ActiveState", UnitSettings.TRANSIENT), names);
    List<Finding> findings = new ArrayList<>();
    for (Unit unit : units) {
      Map<String, String> properties = shown.getOrDefault(unit.name(), Map.of());
      // A service that has ended meanwhile has no mode but the default.
      boolean gone =
          "not-found".equals(properties.getOrDefault("LoadState", "not-found"))
              && !"active".equals(properties.get("ActiveState"));
      if (!gone) {
        findings.add(judge(unit, properties, services.get(unit)));
      }
    }
    return findings;
  }

  private Finding judge(Unit unit, Map<String, String> properties, List<Session> sessions)
      throws IOException {
    String mode = properties.getOrDefault(MODE, "");
    boolean isTransient = properties.getOrDefault(UnitSettings.TRANSIENT, "no").equals("yes");
    String subject = unit.name();
    String what =
        sessions.stream()
            .map(s -> s.what() + " (process " + s.pid() + ")")
            .collect(Collectors.joining(", "));
    return switch (mode) {
      case "control-group" ->
          Finding.fail(
                  Check.KILL_MODE,
                  subject,
                  "KillMode=control-group: a restart kills the sessions in it: " + what,
                  isTransient ? again(subject) : script(unit))
              .with(List.of(TRUTH));
      case "mixed" ->
          Finding.caution(
                  Check.KILL_MODE,
                  subject,
                  "KillMode=mixed, and these are still in its cgroup, where a restart ends them: "
                      + what,
                  new Remedy.Person(
                      "Have "
                          + subject
                          + " start its sessions by guard session start, which gives each a scope"
                          + " of its own; those that run now end with the next restart."))
              .with(List.of(TRUTH));
      default ->
          Finding.pass(Check.KILL_MODE, subject, "KillMode=" + mode + ": a restart spares " + what)
              .with(List.of("they go on under the limits of " + subject));
    };
  }

  /** A file beside a transient unit would outlive it, and serve nobody. */
  private static Remedy again(String unit) {
    return new Remedy.Person(
        "Start "
            + unit
            + " again with -p KillMode=mixed, since it is transient; or have it start its sessions"
            + " by guard session start, which gives each a scope of its own.");
  }

  // ---- the drop-in

  private Remedy script(Unit unit) throws IOException {
    int self = patient.os().userId();
    if (unit.user().isEmpty()) {
      String file = "/etc/systemd/system/" + unit.name() + ".d/" + DROP_IN;
      return new Remedy.Script(true, dropIn(file) + "systemctl daemon-reload\n");
    }
    int user = unit.user().get();
    String directory = home(user) + "/.config/systemd/user/" + unit.name() + ".d/";
    String script =
        dropIn(directory + DROP_IN)
            + "env XDG_RUNTIME_DIR="
            + Managers.runtime(user)
            + " systemctl --user daemon-reload\n";
    // Files of a user are written as that user: root would follow links that the user has made.
    return user == self
        ? new Remedy.Script(false, script)
        : new Remedy.Script(
            true,
            managers.asUser(user)
                + " sh -e -c "
                + Remedy.quoted(script.strip().replace("\n", "; "))
                + "\n");
  }

  private static String dropIn(String file) {
    return Remedy.write(file, "[Service]\nKillMode=mixed\n");
  }

  private String home(int user) throws IOException {
    return new Users(patient.root(), patient.programs())
        .find(user)
        .map(Users.User::home)
        .orElseThrow(() -> new IOException("user " + user + " has no home directory"));
  }
}
