package dev.guard.doctor.systemd;

import dev.guard.doctor.finding.Area;
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
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Examines the area SYSTEMD. */
public final class SystemdChecks {
  private final ExaminedMachine machine;
  private final ServiceManagers managers;
  private final Users users;

  public SystemdChecks(ExaminedMachine machine) {
    this.machine = machine;
    this.managers = new ServiceManagers(machine);
    this.users = new Users(machine.root(), machine.programs());
  }

  public List<Finding> findings() throws IOException {
    List<Finding> findings = new ArrayList<>();
    if (!managers.present()) {
      for (Check check : Check.values()) {
        if (check.area() == Area.SYSTEMD) {
          findings.add(Finding.skipped(check, "", "systemd does not run here"));
        }
      }
      return findings;
    }
    List<SessionProcess> sessions = new SessionProcesses(machine).find();
    findings.addAll(Findings.orUnable(Check.MANAGER, () -> List.of(manager())));
    findings.addAll(Findings.orUnable(Check.LINGER, () -> linger(sessions)));
    findings.addAll(Findings.orUnable(Check.UNIT, () -> List.of(unit())));
    findings.addAll(
        Findings.orUnable(Check.KILL_MODE, () -> new KillModes(machine).findings(sessions)));
    return findings;
  }

  // ---- the manager

  private Finding manager() throws IOException {
    int self = machine.os().userId();
    String name = self == 0 ? "the system" : "user " + users.name(self);
    Optional<Integer> whose = self == 0 ? Optional.empty() : Optional.of(self);
    if (self != 0 && managers.reachable().isEmpty()) {
      return Finding.fail(
          Check.MANAGER,
          "",
          name
              + " has no service manager: there is no socket of one in "
              + ServiceManagers.runtime(self),
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
          new Remedy.Advice(
              "Look at journalctl -b"
                  + (self == 0 ? "" : " as root")
                  + "; a restart of the manager ends all that it runs."));
    }
    String version = answer.strip().replaceFirst("^Version=", "systemd ");
    String reason = "the service manager of " + name + " answers: " + version;
    return self == 0 ? Finding.pass(Check.MANAGER, "", reason) : bus(self, reason);
  }

  /** Reports whether there is a bus: guard has the manager move processes over it. */
  private Finding bus(int self, String reason) {
    String directory = managers.reachable().orElseThrow();
    if (!managers.hasBus(directory)) {
      return Finding.caution(
          Check.MANAGER,
          "",
          reason + ", and there is no bus in " + directory + ": no process can be moved by it",
          new Remedy.Advice("Install dbus-user-session, or what your distribution has for that."));
    }
    Finding pass = Finding.pass(Check.MANAGER, "", reason);
    return managers.named().isPresent()
        ? pass
        : pass.with(
            List.of(
                "XDG_RUNTIME_DIR is not set here; guard looks in "
                    + ServiceManagers.runtime(self)
                    + " by itself, systemctl --user and busctl --user need it"));
  }

  // ---- whether it stays

  /** Reports for root all users whose manager has a session. */
  private List<Finding> linger(List<SessionProcess> sessions) throws IOException {
    int self = machine.os().userId();
    if (self != 0) {
      return List.of(linger(self));
    }
    List<Finding> findings = new ArrayList<>();
    findings.add(
        Finding.pass(Check.LINGER, "", "root needs none: the system's manager has its sessions"));
    TreeSet<Integer> owners = new TreeSet<>();
    sessions.forEach(s -> s.unit().flatMap(SystemdUnit::user).ifPresent(owners::add));
    for (int owner : owners) {
      findings.add(linger(owner));
    }
    return findings;
  }

  /** Reports whether lingering is on: there is a file of the user's name then, see loginctl(1). */
  private Finding linger(int user) throws IOException {
    Optional<Users.User> entry = users.find(user);
    if (entry.isEmpty()) {
      String id = Integer.toUnsignedString(user);
      return Finding.skipped(Check.LINGER, "", "user " + id + " is in no list of users");
    }
    String name = entry.get().name();
    return Files.exists(machine.root().resolve("var/lib/systemd/linger").resolve(name))
        ? Finding.pass(Check.LINGER, name, "on: the manager of " + name + " stays after a logout")
        : Finding.caution(
            Check.LINGER,
            name,
            "off: a moment after the last logout of " + name + " all sessions and scopes end",
            new Remedy.Script(true, "loginctl enable-linger " + Remedy.quoted(name) + "\n"));
  }

  // ---- where we are

  private Finding unit() throws IOException {
    String membership = machine.procfs().text(machine.os().pid(), "cgroup").orElse("");
    Optional<SystemdUnit> unit = SystemdUnit.ofProcess(membership);
    if (unit.isEmpty()) {
      return Finding.pass(Check.UNIT, "", "guard was called outside of every unit");
    }
    SystemdUnit u = unit.get();
    String of = u.user().isPresent() ? " of user " + users.name(u.user().get()) : "";
    return Finding.pass(
        Check.UNIT, u.name(), "guard was called in " + u.name() + " in " + u.slice() + of);
  }
}
