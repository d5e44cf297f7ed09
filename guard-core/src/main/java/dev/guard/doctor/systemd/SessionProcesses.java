package dev.guard.doctor.systemd;

import dev.guard.doctor.machine.ExaminedMachine;
import dev.guard.doctor.machine.SystemdUnit;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the processes that sessions and detached commands depend on: a tmux server, and the guard
 * of a detached command. Root sees everybody's, others their own.
 */
final class SessionProcesses {
  private static final String TMUX = "tmux: server";
  private static final String JVM = "java";
  private static final OsString DETACHED = OsString.of("-Dguard.detached=true");

  private final ExaminedMachine machine;

  SessionProcesses(ExaminedMachine machine) {
    this.machine = machine;
  }

  /**
   * Describes a process that a session or a detached command depends on.
   *
   * @param what the kind of process, for people
   * @param unit the unit that the process is in; empty: it is in none
   */
  record SessionProcess(int pid, String what, Optional<SystemdUnit> unit) {}

  List<SessionProcess> find() throws IOException {
    List<SessionProcess> found = new ArrayList<>();
    for (int pid : machine.procfs().pids()) {
      try {
        look(pid).ifPresent(found::add);
      } catch (FileSystemException e) {
        // The process is another user's, and proc is mounted so that others can not look (hidepid).
        continue;
      }
    }
    return found;
  }

  private Optional<SessionProcess> look(int pid) throws IOException {
    Optional<Procfs.Stat> stat = machine.procfs().stat(pid);
    Optional<String> what = stat.isEmpty() ? Optional.empty() : kind(stat.get());
    if (what.isEmpty() || !isLookedAt(pid)) {
      return Optional.empty();
    }
    return machine
        .procfs()
        .text(pid, "cgroup")
        .map(membership -> new SessionProcess(pid, what.get(), SystemdUnit.ofProcess(membership)));
  }

  private boolean isLookedAt(int pid) throws IOException {
    int self = machine.os().userId();
    return self == 0 || machine.procfs().user(pid).filter(u -> u == self).isPresent();
  }

  private Optional<String> kind(Procfs.Stat stat) throws IOException {
    if (stat.ended()) {
      return Optional.empty();
    }
    if (stat.command().equals(TMUX)) {
      return Optional.of("tmux server");
    }
    boolean detached =
        stat.command().equals(JVM)
            && machine.procfs().arguments(stat.pid()).orElse(List.of()).contains(DETACHED);
    return detached ? Optional.of("guard of a detached command") : Optional.empty();
  }
}
