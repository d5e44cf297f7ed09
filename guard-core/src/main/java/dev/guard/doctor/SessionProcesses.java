package dev.guard.doctor;

import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The processes that sessions and detached commands depend on: a tmux server, and the guard of a
 * detached command. Those of this user, for root those of everybody.
 */
final class SessionProcesses {
  private static final String TMUX = "tmux: server";
  private static final String JVM = "java";
  private static final OsString DETACHED = OsString.of("-Dguard.detached=true");

  private final Patient patient;

  SessionProcesses(Patient patient) {
    this.patient = patient;
  }

  /**
   * One of them.
   *
   * @param what it is, for people
   * @param unit that it is in; empty: in none
   */
  record Session(int pid, String what, Optional<Unit> unit) {}

  List<Session> find() throws IOException {
    List<Session> found = new ArrayList<>();
    for (int pid : patient.procfs().pids()) {
      try {
        look(pid).ifPresent(found::add);
      } catch (FileSystemException e) {
        // It is another user's, and proc is mounted so that others can not look (hidepid).
        continue;
      }
    }
    return found;
  }

  private Optional<Session> look(int pid) throws IOException {
    Optional<Procfs.Stat> stat = patient.procfs().stat(pid);
    Optional<String> what = stat.isEmpty() ? Optional.empty() : kind(stat.get());
    if (what.isEmpty() || !isLookedAt(pid)) {
      return Optional.empty();
    }
    return patient
        .procfs()
        .text(pid, "cgroup")
        .map(membership -> new Session(pid, what.get(), Unit.ofProcess(membership)));
  }

  private boolean isLookedAt(int pid) throws IOException {
    int self = patient.os().userId();
    return self == 0 || patient.procfs().user(pid).filter(u -> u == self).isPresent();
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
            && patient.procfs().arguments(stat.pid()).orElse(List.of()).contains(DETACHED);
    return detached ? Optional.of("guard of a detached command") : Optional.empty();
  }
}
