package dev.guard.doctor.systemd;

import dev.guard.doctor.finding.Check;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Findings;
import dev.guard.doctor.finding.Remedy;
import dev.guard.doctor.machine.ExaminedMachine;
import dev.guard.doctor.machine.ServiceManagers;
import dev.guard.doctor.machine.SystemdUnit;
import dev.guard.doctor.machine.Users;
import dev.guard.doctor.systemd.SessionProcesses.SessionProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Reports how a restart of a service affects the sessions in it: its KillMode, see systemd.kill(5).
 */
final class KillModes {
  private static final String MODE = "KillMode";
  private static final String DROP_IN = "zz-guard-killmode.conf";
  private static final String TRUTH =
      "mixed sends TERM to the main process alone, and still SIGKILL to all that is left in the"
          + " cgroup; what outlives a restart is in a scope of its own: guard session start";

  private final ExaminedMachine machine;
  private final ServiceManagers managers;

  KillModes(ExaminedMachine machine) {
    this.machine = machine;
    this.managers = new ServiceManagers(machine);
  }

  List<Finding> findings(List<SessionProcess> sessions) throws IOException {
    Map<SystemdUnit, List<SessionProcess>> services = new LinkedHashMap<>();
    for (SessionProcess session : sessions) {
      session
          .unit()
          .filter(SystemdUnit::isService)
          .ifPresent(u -> services.computeIfAbsent(u, x -> new ArrayList<>()).add(session));
    }
    List<Finding> findings = new ArrayList<>();
    for (Optional<Integer> user :
        services.keySet().stream().map(SystemdUnit::user).distinct().toList()) {
      List<SystemdUnit> units =
          services.keySet().stream().filter(u -> u.user().equals(user)).toList();
      findings.addAll(Findings.orUnable(Check.KILL_MODE, () -> judge(user, units, services)));
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
      Optional<Integer> user,
      List<SystemdUnit> units,
      Map<SystemdUnit, List<SessionProcess>> services)
      throws IOException {
    List<String> names = units.stream().map(SystemdUnit::name).toList();
    Map<String, Map<String, String>> shown =
        managers.show(
            user, List.of(MODE, "LoadState", "ActiveState", ServiceManagers.TRANSIENT), names);
    List<Finding> findings = new ArrayList<>();
    for (SystemdUnit unit : units) {
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

  private Finding judge(
      SystemdUnit unit, Map<String, String> properties, List<SessionProcess> sessions)
      throws IOException {
    String mode = properties.getOrDefault(MODE, "");
    boolean isTransient = properties.getOrDefault(ServiceManagers.TRANSIENT, "no").equals("yes");
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
                  new Remedy.Advice(
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

  /**
   * Gives no file for a transient unit, since the file would outlive the unit and then serve
   * nobody.
   */
  private static Remedy again(String unit) {
    return new Remedy.Advice(
        "Start "
            + unit
            + " again with -p KillMode=mixed, since it is transient; or have it start its sessions"
            + " by guard session start, which gives each a scope of its own.");
  }

  // ---- the drop-in

  private Remedy script(SystemdUnit unit) throws IOException {
    int self = machine.os().userId();
    if (unit.user().isEmpty()) {
      String file = "/etc/systemd/system/" + unit.name() + ".d/" + DROP_IN;
      return new Remedy.Script(true, dropIn(file) + "systemctl daemon-reload\n");
    }
    int user = unit.user().get();
    String directory = home(user) + "/.config/systemd/user/" + unit.name() + ".d/";
    String script =
        dropIn(directory + DROP_IN)
            + "env XDG_RUNTIME_DIR="
            + ServiceManagers.runtime(user)
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
    return new Users(machine.root(), machine.programs())
        .find(user)
        .map(Users.User::home)
        .orElseThrow(() -> new IOException("user " + user + " has no home directory"));
  }
}
