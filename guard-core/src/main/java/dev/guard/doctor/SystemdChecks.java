package dev.guard.doctor;

import dev.guard.doctor.SessionProcesses.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** The area SYSTEMD. */
final class SystemdChecks {
  private final Patient patient;
  private final Managers managers;
  private final Users users;

  SystemdChecks(Patient patient) {
    this.patient = patient;
    this.managers = new Managers(patient);
    this.users = new Users(patient.root(), patient.programs());
  }

  List<Finding> findings() throws IOException {
    List<Finding> findings = new ArrayList<>();
    if (!managers.present()) {
      for (Check check : Check.values()) {
        if (check.area() == Area.SYSTEMD) {
          findings.add(Finding.skipped(check, "", "systemd does not run here"));
        }
      }
      return findings;
    }
    List<Session> sessions = new SessionProcesses(patient).find();
    findings.addAll(Doctor.look(Check.MANAGER, () -> List.of(manager())));
    findings.addAll(Doctor.look(Check.LINGER, () -> linger(sessions)));
    findings.addAll(Doctor.look(Check.UNIT, () -> List.of(unit())));
    findings.addAll(Doctor.look(Check.KILL_MODE, () -> new KillModes(patient).findings(sessions)));
    return findings;
  }

  // ---- the manager

  private Finding manager() throws IOException {
    int self = patient.os().userId();
    String name = self == 0 ? "the system" : "user " + users.name(self);
    Optional<Integer> whose = self == 0 ? Optional.empty() : Optional.of(self);
    if (self != 0 && managers.reachable().isEmpty()) {
      return Finding.fail(
          Check.MANAGER,
          "",
          name + " has no service manager: there is no socket of one in " + Managers.runtime(self),
          new Remedy.Script(
              true,
              "loginctl enable-linger "
                  + Remedy.quoted(users.name(self))
                  + "\nsystemctl start user@"
                  + Integer.toUnsignedString(self)
                  + ".service\n"));
    }
    String answer;
    try {
      answer = managers.ask(whose, List.of("show", "-p", "Version"));
    } catch (IOException e) {
      return Finding.fail(
          Check.MANAGER,
          "",
          "the service manager of " + name + " does not answer: " + e.getMessage(),
          new Remedy.Person(
              "Look at journalctl -b"
                  + (self == 0 ? "" : " as root")
                  + "; a restart of the manager ends all that it runs."));
    }
    String version = answer.strip().replaceFirst("^Version=", "systemd ");
    String reason = "the service manager of " + name + " answers: " + version;
    return self == 0 ? Finding.pass(Check.MANAGER, "", reason) : bus(self, reason);
  }

  /** Guard reaches the manager by systemd-run, and has it move processes over the bus. */
  private Finding bus(int self, String reason) {
    String directory = managers.reachable().orElseThrow();
    if (!managers.hasBus(directory)) {
      return Finding.caution(
          Check.MANAGER,
          "",
          reason + ", and there is no bus in " + directory + ": no process can be moved by it",
          new Remedy.Person("Install dbus-user-session, or what your distribution has for that."));
    }
    Finding pass = Finding.pass(Check.MANAGER, "", reason);
    return managers.named().isPresent()
        ? pass
        : pass.with(
            List.of(
                "XDG_RUNTIME_DIR is not set here; guard looks in "
                    + Managers.runtime(self)
                    + " by itself, systemctl --user and busctl --user need it"));
  }

  // ---- whether it stays

  /** For root: of all users whose manager has a session. */
  private List<Finding> linger(List<Session> sessions) throws IOException {
    int self = patient.os().userId();
    if (self != 0) {
      return List.of(linger(self));
    }
    List<Finding> findings = new ArrayList<>();
    findings.add(
        Finding.pass(Check.LINGER, "", "root needs none: the system's manager has its sessions"));
    TreeSet<Integer> owners = new TreeSet<>();
    sessions.forEach(s -> s.unit().flatMap(Unit::user).ifPresent(owners::add));
    for (int owner : owners) {
      findings.add(linger(owner));
    }
    return findings;
  }

  /** It is on when there is a file of the user's name, see loginctl(1). */
  private Finding linger(int user) throws IOException {
    Optional<Users.User> entry = users.find(user);
    if (entry.isEmpty()) {
      String id = Integer.toUnsignedString(user);
      return Finding.skipped(Check.LINGER, "", "user " + id + " is in no list of users");
    }
    String name = entry.get().name();
    return Files.exists(patient.root().resolve("var/lib/systemd/linger").resolve(name))
        ? Finding.pass(Check.LINGER, name, "on: the manager of " + name + " stays after a logout")
        : Finding.caution(
            Check.LINGER,
            name,
            "off: a moment after the last logout of " + name + " all sessions and scopes end",
            new Remedy.Script(true, "loginctl enable-linger " + Remedy.quoted(name) + "\n"));
  }

  // ---- where we are

  private Finding unit() throws IOException {
    String membership = patient.procfs().text(patient.os().pid(), "cgroup").orElse("");
    Optional<Unit> unit = Unit.ofProcess(membership);
    if (unit.isEmpty()) {
      return Finding.pass(Check.UNIT, "", "guard was called outside of every unit");
    }
    Unit u = unit.get();
    String of = u.user().isPresent() ? " of user " + users.name(u.user().get()) : "";
    return Finding.pass(
        Check.UNIT, u.name(), "guard was called in " + u.name() + " in " + u.slice() + of);
  }
}
